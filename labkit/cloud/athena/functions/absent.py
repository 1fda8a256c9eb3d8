"""Functions that Athena has and this engine does not: refused by name, never guessed."""

from __future__ import annotations

# fmt: off
KNOWN_ABSENT = frozenset(
    [
        "bing_tile",
        "classify", "current_catalog",
        "current_schema", "evaluate_classifier_predictions", "features",
        "from_encoded_polyline", "from_geojson_geometry",
        "geometry_from_hadoop_shape", "geometry_to_bing_tiles", "hash_counts",
        "jaccard_index", "learn_classifier", "learn_regressor",
        "make_set_digest", "merge_set_digest",
        "simplify_geometry",
        "st_area", "st_asbinary", "st_astext", "st_contains", "st_distance",
        "st_point", "st_polygon", "st_within",
        "to_geometry",
        "version",
        "bing_tile_at", "bing_tile_children", "bing_tile_coordinates", "bing_tile_parent", "bing_tile_polygon",
        "bing_tile_quadkey", "bing_tile_zoom_level", "bing_tiles_around", "convex_hull_agg", "geometry_invalid_reason",
        "geometry_nearest_points", "geometry_union", "geometry_union_agg", "line_interpolate_point",
        "line_interpolate_points", "line_locate_point", "spatial_partitioning", "st_boundary", "st_buffer",
        "st_centroid", "st_convexhull", "st_coorddim", "st_crosses", "st_difference", "st_dimension", "st_disjoint",
        "st_endpoint", "st_envelope", "st_envelopeaspts", "st_equals", "st_exteriorring", "st_geometries",
        "st_geometryfromtext", "st_geometryn", "st_geometrytype", "st_geomfrombinary", "st_interiorringn",
        "st_interiorrings", "st_intersection", "st_intersects", "st_isclosed", "st_isempty", "st_isring", "st_issimple",
        "st_isvalid", "st_length", "st_linefromtext", "st_linestring", "st_multipoint", "st_numgeometries",
        "st_numinteriorring", "st_numpoints", "st_overlaps", "st_pointn", "st_points", "st_relate", "st_startpoint",
        "st_symdifference", "st_touches", "st_union", "st_x", "st_xmax", "st_xmin", "st_y", "st_ymax", "st_ymin",
        "to_encoded_polyline", "to_geojson_geometry", "to_spherical_geography",
        "current_groups", "intersection_cardinality", "learn_libsvm_classifier", "learn_libsvm_regressor", "spatial_partitions",
    ]
)
# fmt: on
