"""Free texts are graded by a person, item by item of a rubric; the rubric is data, and so are the marks."""
