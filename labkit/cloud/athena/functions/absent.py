"""Functions that Athena has and this engine does not: refused by name, never guessed."""

from __future__ import annotations

# fmt: off
KNOWN_ABSENT = frozenset(
    [
        "approx_most_frequent", "approx_set", "array_histogram", "at_timezone", "bar", "beta_cdf", "bing_tile",
        "bit_length", "bitwise_left_shift", "bitwise_right_shift", "bitwise_right_shift_arithmetic", "checksum",
        "classify", "color", "combinations", "contains_sequence", "cosine_similarity", "crc32", "current_catalog",
        "current_schema", "empty_approx_set", "entropy", "evaluate_classifier_predictions", "features",
        "format_number", "from_base", "from_base32", "from_base64url", "from_big_endian_32", "from_big_endian_64",
        "from_encoded_polyline", "from_geojson_geometry", "from_ieee754_32", "from_ieee754_64", "from_unixtime_nanos",
        "geometry_from_hadoop_shape", "geometry_to_bing_tiles", "great_circle_distance", "hash_counts", "hmac_md5",
        "hmac_sha1", "hmac_sha256", "hmac_sha512", "human_readable_seconds", "index", "inverse_beta_cdf",
        "inverse_normal_cdf", "jaccard_index", "kurtosis", "learn_classifier", "learn_regressor", "luhn_check",
        "make_set_digest", "map_union", "map_zip_with", "merge", "merge_set_digest", "multimap_agg",
        "multimap_from_entries", "murmur3", "ngrams", "normal_cdf", "numeric_histogram", "parse_data_size",
        "parse_duration", "parse_presto_data_size", "qdigest_agg", "quantile_at_value", "reduce_agg",
        "regexp_position", "regr_avgx", "regr_avgy", "regr_count", "regr_r2", "regr_sxx", "regr_sxy", "regr_syy",
        "render", "rgb", "sha512", "shuffle", "simplify_geometry", "soundex", "split_to_multimap",
        "spooky_hash_v2_32", "spooky_hash_v2_64", "st_area", "st_asbinary", "st_astext", "st_contains", "st_distance",
        "st_point", "st_polygon", "st_within", "tdigest_agg", "timezone", "timezone_hour", "timezone_minute",
        "to_base", "to_base32", "to_base64url", "to_big_endian_32", "to_big_endian_64", "to_geometry",
        "to_ieee754_32", "to_ieee754_64", "to_milliseconds", "url_extract_fragment", "url_extract_parameter",
        "url_extract_port", "value_at_quantile", "values_at_quantiles", "version", "wilson_interval_lower",
        "wilson_interval_upper", "word_stem", "xxhash64",
    ]
)
# fmt: on
