"""What people read: the report in HTML and Markdown, its charts, and the terminal's tables."""
