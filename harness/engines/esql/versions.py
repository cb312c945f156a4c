"""What profile esql@9.2 does not have, so that a refusal can say why (ESQL-20)."""

from __future__ import annotations

PROFILE = "esql@9.2"

NEWER = frozenset(
    {
        *("CHUNK", "CLAMP", "CLAMP_MAX", "CLAMP_MIN", "EARLIEST", "FIRST", "JSON_EXTRACT", "LAST"),
        *("LATEST", "MV_DIFFERENCE", "MV_INTERSECTION", "MV_INTERSECTS", "MV_IN_RANGE", "MV_LIKE"),
        *("MV_RLIKE", "MV_UNION", "TRANGE"),
    }
)
"""Functions of later versions."""

NOT_EXECUTED = frozenset(
    {
        *("ATAN", "ATAN2", "ACOS", "ASIN", "CBRT", "CATEGORIZE", "COPY_SIGN", "COS", "COSH"),
        *("DECAY", "EMBED", "HYPOT", "KNN", "LOG", "MATCH_PHRASE", "MULTI_MATCH"),
        *("MV_MEDIAN_ABSOLUTE_DEVIATION", "MV_PERCENTILE", "MV_PSERIES_WEIGHTED_SUM"),
        *("ROUND_TO", "SAMPLE", "SCALB", "SCORE", "SIN", "SINH", "ST_BUFFER", "ST_CENTROID_AGG"),
        *("ST_CONTAINS", "ST_DISJOINT", "ST_DISTANCE", "ST_ENVELOPE", "ST_EXTENT_AGG"),
        *("ST_GEOHASH", "ST_GEOHEX", "ST_GEOTILE", "ST_INTERSECTS", "ST_WITHIN", "ST_X", "ST_XMAX"),
        *("ST_XMIN", "ST_Y", "ST_YMAX", "ST_YMIN", "TAN", "TANH", "TBUCKET", "TERM"),
        *("TO_CARTESIANPOINT", "TO_CARTESIANSHAPE", "TO_DATE_NANOS", "TO_DEGREES"),
        *("TO_GEOPOINT", "TO_GEOSHAPE", "TO_RADIANS", "TO_UL", "TO_UNSIGNED_LONG", "TO_VER"),
        *("TO_VERSION", "URL_ENCODE_COMPONENT", "WEIGHTED_AVG"),
    }
)
"""Functions that 9.2 has and this engine does not execute."""
