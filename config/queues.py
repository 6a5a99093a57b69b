"""Names of queues and tasks: where service and workers meet without importing each other."""

DELIVERY_QUEUE = "delivery"
MAINTENANCE_QUEUE = "maintenance"
TRAINING_QUEUE = "training"

NUDGE_TASK = "delivery.nudge"
FORGET_TASK = "maintenance.forget"
PARTITIONS_TASK = "maintenance.partitions"
SESSIONS_TASK = "maintenance.sessions"
STATEMENTS_TASK = "maintenance.statements"
FORGET_LOGS_TASK = "training.forget_logs"
TRAINING_TASK = "training.look"
WATCH_TASK = "training.watch"
