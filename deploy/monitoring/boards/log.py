"""Monitoring, the dashboard of the log: from the append to the view, and what stands still on the way."""

from deploy.monitoring.grafana import Dashboard, Panel, Query, Row

_OURS = '{namespace="medonline"}'

_RELAY = Row(
    "Relay: MongoDB to Kafka",
    (
        Panel(
            "Backlog",
            "Events in each service's log that are not in Kafka yet.",
            "short",
            (Query(f"max by (topic) (relay_backlog_events{_OURS})", "{{topic}}"),),
        ),
        Panel(
            "Oldest unpublished",
            "For how long the oldest of them has waited.",
            "s",
            (Query(f"max by (topic) (relay_oldest_unpublished_seconds{_OURS})", "{{topic}}"),),
            limit=60,
        ),
        Panel(
            "Published",
            "Records written to each topic a second.",
            "wps",
            (Query(f"sum by (topic) (rate(relay_published_total{_OURS}[$__rate_interval]))", "{{topic}}"),),
        ),
        Panel(
            "Refuses",
            "1 where the topic is ahead of its log: the database was restored, and the relay will not write.",
            "short",
            (Query(f"max by (topic) (relay_refuses{_OURS})", "{{topic}}"),),
            "stat",
            limit=1,
        ),
    ),
)
_GROUPS = Row(
    "Groups: Kafka to views and reactions",
    (
        Panel(
            "Lag in events",
            "Offsets that each group has not passed yet.",
            "short",
            (Query(f"max by (group, topic) (consumer_lag_events{_OURS})", "{{group}} {{topic}}"),),
        ),
        Panel(
            "Lag in time",
            "Age of the oldest record that is not applied; nothing where there is no lag.",
            "s",
            (Query(f"max by (group, topic) (consumer_lag_seconds{_OURS})", "{{group}} {{topic}}"),),
            limit=120,
        ),
        Panel(
            "Applied",
            "Records applied or parked a second.",
            "ops",
            (Query(f"sum by (group) (rate(consumer_applied_total{_OURS}[$__rate_interval]))", "{{group}}"),),
        ),
        Panel(
            "Halted",
            "Partitions that stand still rather than pass events over.",
            "short",
            (Query(f"sum by (group) (partitions_halted{_OURS})", "{{group}}"),),
            "stat",
            limit=1,
        ),
    ),
)
_PARKED = Row(
    "Parked",
    (
        Panel(
            "Parked events",
            "Events that could not be applied, and those of the same streams behind them.",
            "short",
            (Query(f"max by (group) (parked_events{_OURS})", "{{group}}"),),
            limit=1,
        ),
        Panel(
            "Oldest parked",
            "For how long the oldest of them has been parked.",
            "s",
            (Query(f"max by (group) (parked_oldest_seconds{_OURS})", "{{group}}"),),
            limit=4 * 3600,
        ),
    ),
)
_PARTS = Row(
    "Parts of the processes",
    (
        Panel(
            "Restarts",
            "How often each part of a process was begun anew in 15 minutes.",
            "short",
            (Query(f"sum by (job, part) (increase(part_restarts_total{_OURS}[15m]))", "{{job}} {{part}}"),),
            limit=3,
        ),
        Panel(
            "Last turn",
            "Since when each part has not got on; one that has nothing to do gets on too.",
            "s",
            (Query(f"max by (job, part) (part_turn_age_seconds{_OURS})", "{{job}} {{part}}"),),
            limit=60,
        ),
    ),
)

BOARD = Dashboard(
    "medonline-log",
    "Медицина Онлайн: the log",
    "How far every event has come: published, applied, parked, or held up by a part that does not get on.",
    (_RELAY, _GROUPS, _PARKED, _PARTS),
)
