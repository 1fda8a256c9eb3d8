"""What is wrong with this computer for the lab, and what to do about it: facts in, findings out."""
