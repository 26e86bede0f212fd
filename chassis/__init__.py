"""What every HTTP process needs: configuration, token check, problem+json, origin check, health, logs, metrics."""
