//! How an API server says no.

use serde_json::json;

/// A `Status` of Kubernetes that says that it failed, as JSON.
pub fn status(code: u16, message: &str) -> String {
    let reason = match code {
        400 => "BadRequest",
        404 => "NotFound",
        408 => "Timeout",
        413 => "RequestEntityTooLarge",
        500 => "InternalError",
        503 => "ServiceUnavailable",
        _ => "",
    };
    json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {},
        "status": "Failure", "message": message, "reason": reason, "code": code,
    })
    .to_string()
}
