from datetime import UTC, datetime

#: When the tests of a service happen, unless they say otherwise: 2026年6月1日 10:00 in Qingdao.
NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
