-- Moments are milliseconds since 1970 UTC, lists and documents are JSON text. No semicolon inside a comment here.
CREATE TABLE person (
    account_id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE project (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    last_number INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE project_type (
    project_id INTEGER NOT NULL REFERENCES project (id),
    type_id TEXT NOT NULL,
    PRIMARY KEY (project_id, type_id)
) STRICT;

CREATE TABLE component (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL REFERENCES project (id),
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    UNIQUE (project_id, name)
) STRICT;

CREATE TABLE version (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL REFERENCES project (id),
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    released INTEGER NOT NULL,
    archived INTEGER NOT NULL,
    release_date TEXT,
    UNIQUE (project_id, name)
) STRICT;

CREATE TABLE issue (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL REFERENCES project (id),
    number INTEGER NOT NULL,
    type_id TEXT NOT NULL,
    status_id TEXT NOT NULL,
    resolution_id TEXT,
    priority_id TEXT NOT NULL,
    summary TEXT NOT NULL,
    description TEXT,
    environment TEXT,
    labels TEXT NOT NULL,
    component_ids TEXT NOT NULL,
    fix_version_ids TEXT NOT NULL,
    version_ids TEXT NOT NULL,
    assignee TEXT REFERENCES person (account_id),
    reporter TEXT NOT NULL REFERENCES person (account_id),
    creator TEXT NOT NULL REFERENCES person (account_id),
    duedate TEXT,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    resolved INTEGER,
    category_changed INTEGER NOT NULL,
    UNIQUE (project_id, number)
) STRICT;

CREATE TABLE link_type (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    inward TEXT NOT NULL,
    outward TEXT NOT NULL
) STRICT;

CREATE TABLE issue_link (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    type_id INTEGER NOT NULL REFERENCES link_type (id),
    source_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
    destination_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
    UNIQUE (type_id, source_id, destination_id)
) STRICT;
CREATE INDEX issue_link_source ON issue_link (source_id);
CREATE INDEX issue_link_destination ON issue_link (destination_id);

CREATE TABLE remote_link (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
    global_id TEXT,
    relationship TEXT,
    application TEXT NOT NULL,
    object TEXT NOT NULL,
    UNIQUE (issue_id, global_id)
) STRICT;

CREATE TABLE comment (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
    author TEXT NOT NULL REFERENCES person (account_id),
    update_author TEXT NOT NULL REFERENCES person (account_id),
    body TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL
) STRICT;
CREATE INDEX comment_issue ON comment (issue_id);

CREATE TABLE attachment (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
    author TEXT NOT NULL REFERENCES person (account_id),
    filename TEXT NOT NULL,
    mime_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    created INTEGER NOT NULL,
    content BLOB NOT NULL
) STRICT;
CREATE INDEX attachment_issue ON attachment (issue_id);

CREATE TABLE property (
    issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (issue_id, key)
) STRICT;

CREATE TABLE history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
    author TEXT NOT NULL REFERENCES person (account_id),
    created INTEGER NOT NULL,
    items TEXT NOT NULL
) STRICT;
CREATE INDEX history_issue ON history (issue_id);

CREATE TABLE watcher (
    issue_id INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL REFERENCES person (account_id),
    PRIMARY KEY (issue_id, account_id)
) STRICT;

-- What search sees: the newest version of an issue whose moment has come. A NULL document is a deleted issue.
CREATE TABLE search_version (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    issue_id INTEGER NOT NULL,
    visible_at INTEGER NOT NULL,
    document TEXT
) STRICT;
CREATE INDEX search_version_issue ON search_version (issue_id, seq);
