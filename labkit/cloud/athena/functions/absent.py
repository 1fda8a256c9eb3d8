"""Functions that Athena has and this engine does not: refused by name, never guessed."""

from __future__ import annotations

# fmt: off
KNOWN_ABSENT = frozenset(
    [
        "bing_tile",
        "classify", "current_catalog",
        "current_schema", "evaluate_classifier_predictions", "features",
        "from_encoded_polyline", "from_geojson_geometry",
        "geometry_from_hadoop_shape", "geometry_to_bing_tiles", "great_circle_distance", "hash_counts",
        "jaccard_index", "learn_classifier", "learn_regressor",
        "make_set_digest", "merge_set_digest",
        "simplify_geometry",
        "st_area", "st_asbinary", "st_astext", "st_contains", "st_distance",
        "st_point", "st_polygon", "st_within",
        "to_geometry",
        "version",
        "word_stem",
    ]
)
# fmt: on
