"""Attachments: upload, description, content."""

import re
from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import UploadFile

from include.jira_sandbox import attachments
from include.jira_sandbox.api.requests import CallerDep, answer, no_content
from include.jira_sandbox.errors import RefusedError
from include.jira_sandbox.issue import find_issue
from include.jira_sandbox.issue_edit import touch_issue

_MIME_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}")
_UNNAMED_TYPE = "application/octet-stream"
router = APIRouter()


async def read_uploads(request: Request) -> list[attachments.Upload]:
    """Return the files of a multipart body.

    Raises RefusedError: 403 without Jira's header, 400 without a file, 413 for too many.
    """
    if request.headers.get("x-atlassian-token", "").lower() not in {"no-check", "nocheck"}:
        raise RefusedError(403, "XSRF check failed")
    async with request.form(max_files=attachments.FILES_PER_REQUEST + 1) as form:
        files = [part for part in form.getlist("file") if isinstance(part, UploadFile)]
        if len(files) > attachments.FILES_PER_REQUEST:
            raise RefusedError(413, f"At most {attachments.FILES_PER_REQUEST} files may be attached at once.")
        uploads = [attachments.Upload(_name_of(part), _type_of(part), await part.read()) for part in files]
    if not uploads:
        raise RefusedError(400, "The request has no part named 'file' that is a file.")
    return uploads


def _name_of(part: UploadFile) -> str:
    name = PurePosixPath((part.filename or "").replace("\\", "/")).name
    printable = "".join(character for character in name if character.isprintable())
    return printable[:255] or "unnamed"


def _type_of(part: UploadFile) -> str:
    given = (part.content_type or "").partition(";")[0].strip()
    return given if _MIME_TYPE.fullmatch(given) else _UNNAMED_TYPE


@router.post("/issue/{id_or_key}/attachments")
def post_attachments(
    caller: CallerDep, id_or_key: str, uploads: Annotated[list[attachments.Upload], Depends(read_uploads)]
) -> Response:
    """Attach files to an issue."""
    with caller.writing() as session:
        issue = find_issue(session, id_or_key)
        made = [attachments.add_attachment(session, issue.id, upload) for upload in uploads]
        touch_issue(session, issue.id)
        rows = [attachments.find_attachment(session, str(one)) for one in made]
        shown = [attachments.show_attachment(session, row) for row in rows]
    return answer(shown)


@router.get("/attachment/meta")
def get_settings() -> Response:
    """Return whether and how large files may be."""
    return answer({"enabled": True, "uploadLimit": attachments.FILE_LIMIT})


@router.get("/attachment/{attachment_id}")
def get_attachment(caller: CallerDep, attachment_id: str) -> Response:
    """Return the description of a file; its id is a number here, as the contract has it."""
    with caller.reading() as session:
        row = attachments.find_attachment(session, attachment_id)
        return answer(attachments.show_attachment(session, row) | {"id": row["id"]})


@router.get("/attachment/content/{attachment_id}")
def get_content(caller: CallerDep, attachment_id: str) -> Response:
    """Return the bytes of a file, never to be shown by a browser as a page of this site."""
    with caller.reading() as session:
        row = attachments.find_attachment(session, attachment_id)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(row['filename'], safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(row["content"], headers=headers, media_type=row["mime_type"])


@router.delete("/attachment/{attachment_id}")
def delete_attachment(caller: CallerDep, attachment_id: str) -> Response:
    """Remove a file."""
    with caller.writing() as session:
        row = attachments.find_attachment(session, attachment_id)
        attachments.remove_attachment(session, row)
        touch_issue(session, row["issue_id"])
    return no_content()
