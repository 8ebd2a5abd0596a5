//! Which headers pass.

/// What concerns one connection alone (RFC 9110, 7.6.1).
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-connection",
    "te",
    "trailer",
    "trailers",
    "transfer-encoding",
    "upgrade",
];
/// What says who somebody is, or proves it. Kubernetes takes tokens in a protocol of WebSockets too.
const CREDENTIALS: [&str; 5] =
    ["authorization", "proxy-authorization", "cookie", "set-cookie", "sec-websocket-protocol"];
/// How headers begin by which one proxy tells another who somebody is.
const IDENTITY: [&str; 2] = ["x-remote-", "impersonate-"];

/// What a guest is shown of a request's headers, whose names are in lower case: neither credentials nor what concerns
/// the connection, or is said to.
pub fn shown(headers: &[(&str, &[u8])]) -> Vec<(String, Vec<u8>)> {
    let connection = headers.iter().filter(|(name, _)| *name == "connection");
    let said: Vec<String> = connection
        .flat_map(|(_, value)| value.split(|&byte| byte == b','))
        .map(|name| String::from_utf8_lossy(name.trim_ascii()).to_ascii_lowercase())
        .collect();
    let hidden = |name: &str| {
        is_hop_by_hop(name)
            || CREDENTIALS.contains(&name)
            || IDENTITY.iter().any(|start| name.starts_with(start))
            || said.iter().any(|said| said == name)
    };
    let seen = headers.iter().filter(|(name, _)| !hidden(name));
    seen.map(|(name, value)| ((*name).to_owned(), value.to_vec())).collect()
}

/// Whether it concerns the connection alone. In lower case.
pub(super) fn is_hop_by_hop(name: &str) -> bool {
    HOP_BY_HOP.contains(&name)
}

/// A token of RFC 9110.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// Text without control characters but tabs.
pub(super) fn is_value(value: &[u8]) -> bool {
    value.iter().all(|&byte| byte == b'\t' || (byte >= b' ' && byte != 0x7f))
}
