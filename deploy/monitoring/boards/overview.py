"""Monitoring, the dashboard to open first: rate, errors and duration of every service and route, and of the gateway."""

from deploy.monitoring.grafana import Dashboard, Panel, Query, Row

_CHOSEN = '{namespace="medonline", job=~"$service"}'
_FAILED = '{namespace="medonline", job=~"$service", status=~"5.."}'
_GATEWAY = '{namespace="medonline", job="gateway"}'

_NOW = Row(
    "Now",
    (
        Panel(
            "Services that answer",
            "How many processes of each service Prometheus reaches; by what they do: http, bus, or all at once.",
            "short",
            (Query('sum by (job, component) (up{namespace="medonline", job=~"$service"})', "{{job}} {{component}}"),),
            "stat",
            limit=1,
            more_is_better=True,
        ),
        Panel(
            "Errors, three days",
            "Share of answers that were a 5xx. The objective allows 0.1 % in 30 days.",
            "percentunit",
            (Query('job:http_errors:ratio_rate3d{job=~"$service"}', "{{job}}"),),
            "stat",
            limit=0.001,
        ),
        Panel(
            "Events waiting to be published",
            "Age of the oldest event in each service's log that is not in Kafka yet.",
            "s",
            (Query('max by (topic) (relay_oldest_unpublished_seconds{namespace="medonline"})', "{{topic}}"),),
            "stat",
            limit=60,
        ),
        Panel(
            "Parked events",
            "Events that could not be applied, and those behind them.",
            "short",
            (Query('max by (group) (parked_events{namespace="medonline"})', "{{group}}"),),
            "stat",
            limit=1,
        ),
    ),
)


def _rate_errors_duration(by: str, legend: str) -> tuple[Panel, ...]:
    rate = f"sum by ({by}) (rate(http_requests_total{_CHOSEN}[$__rate_interval]))"
    failed = f"sum by ({by}) (rate(http_requests_total{_FAILED}[$__rate_interval]))"
    buckets = f"sum by ({by}, le) (rate(http_request_seconds_bucket{_CHOSEN}[$__rate_interval]))"
    return (
        Panel("Rate", "Requests answered a second.", "reqps", (Query(rate, legend),)),
        Panel(
            "Errors",
            "Share of answers that are a 5xx.",
            "percentunit",
            (Query(f"({failed} or 0 * {rate}) / {rate}", legend),),
        ),
        Panel(
            "Duration",
            "Half of the answers, and 99 of 100, take at most so long.",
            "s",
            (
                Query(f"histogram_quantile(0.5, {buckets})", f"half {legend}"),
                Query(f"histogram_quantile(0.99, {buckets})", f"99 % {legend}"),
            ),
            limit=1,
        ),
    )


_GATEWAY_ROW = Row(
    "Gateway",
    (
        Panel(
            "Answers",
            "What the gateway answers a second, its own answers included, by class of status.",
            "reqps",
            (
                Query(
                    "sum by (envoy_response_code_class)"
                    f" (rate(envoy_http_downstream_rq_xx{_GATEWAY}[$__rate_interval]))",
                    "{{envoy_response_code_class}}xx",
                ),
            ),
        ),
    ),
)

BOARD = Dashboard(
    "medonline-overview",
    "Медицина Онлайн: overview",
    "Whether the portal works for people: rates, errors and durations, and what waits.",
    (
        _NOW,
        Row("By service", _rate_errors_duration("job", "{{job}}")),
        Row("By route", _rate_errors_duration("job, method, route", "{{job}} {{method}} {{route}}")),
        _GATEWAY_ROW,
    ),
    (("service", 'label_values(up{namespace="medonline"}, job)'),),
)
