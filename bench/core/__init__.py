"""What every floor may use: errors, formatting, names, resources. It imports nothing of ours."""
