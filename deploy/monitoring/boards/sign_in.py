"""Monitoring, the dashboard of signing in: who gets in and who does not, what hashing costs, how old the keys are."""

from deploy.monitoring.grafana import Dashboard, Panel, Query, Row

_OURS = '{namespace="medonline"}'
_HASHED = f"sum by (le) (rate(password_hash_seconds_bucket{_OURS}[$__rate_interval]))"

_OUTCOMES = Row(
    "Outcomes",
    tuple(
        Panel(
            title,
            f"{what}, by what came of it.",
            "ops",
            (
                Query(
                    "sum by (outcome) (rate(sign_in_outcomes_total"
                    f'{{namespace="medonline", way="{way}"}}[$__rate_interval]))',
                    "{{outcome}}",
                ),
            ),
        )
        for way, title, what in (
            ("password", "By password", "Sign-ins by login and password a second"),
            ("esia", "By Gosuslugi", "Returns from Gosuslugi a second"),
        )
    ),
)
_HASHING = Row(
    "Hashing of passwords",
    (
        Panel(
            "Waiting",
            "Passwords that wait to be hashed, in all processes.",
            "short",
            (Query(f"sum(password_hash_waiting{_OURS})", "waiting"),),
        ),
        Panel(
            "Duration",
            "Half of the hashes, and 99 of 100, take at most so long, the waiting included.",
            "s",
            (
                Query(f"histogram_quantile(0.5, {_HASHED})", "half"),
                Query(f"histogram_quantile(0.99, {_HASHED})", "99 %"),
            ),
        ),
        Panel(
            "Turned away",
            "Passwords a second that were not hashed, since too many waited.",
            "ops",
            (Query(f"sum(rate(password_hash_refused_total{_OURS}[$__rate_interval]))", "turned away"),),
        ),
    ),
)
_DUTIES = Row(
    "Duties",
    (
        Panel(
            "Age of the signing keys",
            "For how long the key that each service signs with has done so; change it within 90 days.",
            "s",
            (Query('max by (job) (signing_key_age_seconds{namespace="medonline"})', "{{job}}"),),
            "stat",
            limit=90 * 86400,
        ),
        Panel(
            "Erasures overdue",
            "Since when what was stated on a removed card should have been erased.",
            "s",
            (Query(f"max(erasures_overdue_seconds{_OURS})", "overdue"),),
            "stat",
            limit=3600,
        ),
    ),
)

BOARD = Dashboard(
    "medonline-sign-in",
    "Медицина Онлайн: signing in",
    "Who gets in and who does not, and what has to be done in time for it. It knows no person.",
    (_OUTCOMES, _HASHING, _DUTIES),
)
