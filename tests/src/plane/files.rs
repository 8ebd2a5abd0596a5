//! The files that a kube-apiserver and its users are configured with.

use anyhow::Result;
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// `nobody` may do nothing, `limited` what a test lets it.
const USERS: [(&str, &str); 4] =
    [("admin", "system:masters"), ("sluice", "system:masters"), ("nobody", ""), ("limited", "")];

pub(super) fn write(dir: &Path, name: &str, port: u16) -> Result<()> {
    // The folder's name is random, which makes the tokens so.
    let token = |user: &str| format!("{user}.{}", dir.file_name().unwrap_or_default().display());
    let tokens: String = USERS.iter().map(|(user, group)| format!("{},{user},{user},{group}\n", token(user))).collect();
    fs::write(dir.join("tokens.csv"), tokens)?;
    fs::write(dir.join("audit-policy.json"), audit_policy().to_string())?;
    for (user, _) in USERS {
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name,
            "contexts": [{ "name": name, "context": { "cluster": name, "user": user } }],
            "users": [{ "name": user, "user": { "token": token(user) } }],
            "clusters": [{ "name": name, "cluster": {
                "server": format!("https://127.0.0.1:{port}"),
                // The API server signs its own certificate when it first starts.
                "certificate-authority": dir.join("certs/apiserver.crt"),
            }}],
        });
        fs::write(kubeconfig(dir, user), config.to_string())?;
    }
    Ok(())
}

pub(super) fn kubeconfig(dir: &Path, user: &str) -> PathBuf {
    dir.join(user).with_extension("kubeconfig")
}

/// Everything but what the API server asks itself; writes with their bodies.
fn audit_policy() -> Value {
    json!({
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "omitManagedFields": true,
        "rules": [
            { "level": "None", "users": ["system:apiserver"] },
            { "level": "RequestResponse", "verbs": ["create", "update", "patch", "delete"] },
            { "level": "Metadata" },
        ],
    })
}
