"""What the operating system says and does: processes, memory, logs, the machine."""
