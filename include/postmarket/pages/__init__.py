"""The operators' pages: what the runs found, read-only, server-rendered, and never without an authenticated reader."""
