"""The Jira Query Language: words, syntax and meaning, each in its module. Every fault is a `JqlError`."""
