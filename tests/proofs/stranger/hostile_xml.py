"""Hostile XML."""

from proofs.stranger.hostile_file import NAME, RESPONSES, HostileFile, filled, good_sample

GOOD_RESPONSES = 8


def _responses(*middle: bytes, before: bytes = b"", root: bytes = b"") -> bytes:
    """The good responses, with something odd before, in or after them."""
    data = good_sample(RESPONSES).replace(b"Officer Sample", NAME.encode())
    declaration, rest = data.split(b"\n", 1)
    if root:
        rest = root + rest.split(b">", 1)[1]
    end = rest.rindex(b"</forceResponses>")
    return declaration + b"\n" + before + rest[:end] + b"".join(middle) + rest[end:]


def _response(inner: bytes) -> bytes:
    return (
        b"<response><response_ref>FR-00009999</response_ref><force_code>E23000001</force_code>"
        b"<incident_ref>TV-00000001</incident_ref><kind>accepted</kind>"
        b"<happened_at>2026-10-05T10:00:00+01:00</happened_at>" + inner + b"</response>"
    )


def _doctype(declared: bytes, used: bytes) -> bytes:
    return _responses(
        _response(b"<officer_name>" + used + b"</officer_name>"),
        before=b"<!DOCTYPE forceResponses [" + declared + b"]>",
    )


def _laughs(_: int) -> bytes:
    levels = [b'<!ENTITY l0 "ha">']
    levels += [b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10) for level in range(1, 10)]
    return _doctype(b"".join(levels), b"&l9;")


def _attributes(size: int) -> bytes:
    return _responses(b"<response" + b"".join(b' a%d=""' % n for n in range(size // 12)) + b"/>")


def _namespaces(size: int) -> bytes:
    rows = (b'<n%d:response xmlns:n%d="urn:%d"/>' % (n, n, n) for n in range(size // 40))
    return _responses(*rows)


def _two_roots(_: int) -> bytes:
    return _responses() + b"<forceResponses/>"


def _counted(count: bytes) -> bytes:
    return _responses(root=b'<forceResponses force="E23000001" count="' + count + b'">')


XML_FILES = (
    HostileFile("a billion laughs", RESPONSES, _laughs),
    HostileFile(
        "one entity used a million times",
        RESPONSES,
        lambda size: _doctype(b'<!ENTITY e "' + b"x" * 10_000 + b'">', b"&e;" * (size // 6)),
    ),
    HostileFile(
        "an entity of a file", RESPONSES, lambda _: _doctype(b'<!ENTITY e SYSTEM "file:///etc/passwd">', b"&e;")
    ),
    HostileFile(
        "an entity of an address",
        RESPONSES,
        lambda _: _doctype(b'<!ENTITY % p SYSTEM "http://127.0.0.1:9/x">%p;', b"x"),
    ),
    HostileFile(
        "XInclude of a file",
        RESPONSES,
        lambda _: _responses(
            _response(
                b'<officer_name><xi:include parse="text" href="/etc/passwd" '
                b'xmlns:xi="http://www.w3.org/2001/XInclude"/></officer_name>'
            )
        ),
    ),
    HostileFile(
        "XML of a depth without an end",
        RESPONSES,
        lambda size: _responses(b"<response>" + b"<a>" * (size // 7) + b"</a>" * (size // 7) + b"</response>"),
    ),
    HostileFile(
        "XML depth that never closes", RESPONSES, lambda size: _responses(b"<response>" + b"<a>" * (size // 3))
    ),
    HostileFile("a hundred thousand attributes", RESPONSES, _attributes),
    HostileFile("a namespace for each row", RESPONSES, _namespaces),
    HostileFile("a comment as large as the file", RESPONSES, lambda size: _responses(b"<!--" + b"x" * size + b"-->")),
    HostileFile(
        "comments between rows", RESPONSES, lambda size: _responses(filled(b"<!--x-->", size)), good=GOOD_RESPONSES
    ),
    HostileFile("instructions between rows", RESPONSES, lambda size: _responses(filled(b"<?x y?>", size))),
    HostileFile("text between rows", RESPONSES, lambda size: _responses(filled(b"text ", size))),
    HostileFile("other elements between rows", RESPONSES, lambda size: _responses(filled(b"<a><b/></a>", size))),
    HostileFile(
        "many CDATA sections in a value",
        RESPONSES,
        lambda size: _responses(_response(b"<reason>" + filled(b"<![CDATA[x]]>", size) + b"</reason>")),
    ),
    HostileFile(
        "a value given a thousand times",
        RESPONSES,
        lambda size: _responses(_response(filled(b"<reason>x</reason>", min(size, 9_000_000)))),
    ),
    HostileFile("elements within a value", RESPONSES, lambda _: _responses(_response(b"<reason>a<b>c</b>d</reason>"))),
    HostileFile(
        "rows within rows",
        RESPONSES,
        lambda size: _responses(b"<response>" * min(200, size) + b"</response>" * min(200, size)),
    ),
    HostileFile("XML with two roots", RESPONSES, _two_roots),
    HostileFile("XML that stops within a row", RESPONSES, lambda _: _responses()[:-200]),
    HostileFile("a stated count of a million digits", RESPONSES, lambda size: _counted(b"9" * min(size, 1_000_000))),
    HostileFile("a stated count of letters", RESPONSES, lambda _: _counted("٨".encode())),
    HostileFile("a stated count below zero", RESPONSES, lambda _: _counted(b"-8")),
    HostileFile(
        "XML in UTF-16", RESPONSES, lambda _: _responses().decode().replace("UTF-8", "UTF-16").encode("utf-16")
    ),
    HostileFile("XML in an unknown encoding", RESPONSES, lambda _: _responses().replace(b"UTF-8", b"x-user-defined")),
    HostileFile(
        "XML that says another encoding",
        RESPONSES,
        lambda _: _responses().replace(b"UTF-8", b"UTF-7").replace(b"Officer", b"+AGE-"),
    ),
    HostileFile(
        "XML with characters that it forbids",
        RESPONSES,
        lambda _: _responses(_response(b"<reason>&#0;&#x1F;&#xD800;&#x110000;</reason>")),
    ),
    HostileFile("XML with a name as long as the file", RESPONSES, lambda size: _responses(b"<" + b"a" * size + b"/>")),
)
