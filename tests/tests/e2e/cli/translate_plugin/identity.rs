//! Whatever a plugin answers, the copy is stamped by the runtime.

use super::{copy, secret, stamped};
use anyhow::Result;
use serde_json::json;

/// Whole, as a merge patch and as single fields: each with owners and finalizers that are not the plugin's to say.
#[test]
fn cli_translate_with_a_plugin_stamps_every_form_of_answer() -> Result<()> {
    for (form, data) in [
        ("whole", json!({ "a": "MQ==" })),
        ("patch", secret("")["data"].clone()),
        ("fields", secret("")["data"].clone()),
    ] {
        let metadata = stamped(form, "/v1, Kind=Secret", "hostile-owner/owner");
        let expected = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data });
        assert_eq!(copy("hostile_owner", &secret(form), &[])?, expected, "{form}");
    }
    Ok(())
}

#[test]
fn cli_translate_with_a_plugin_that_forges_identity_says_whose_copy_it_is() -> Result<()> {
    let expected = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": stamped("a", "/v1, Kind=Secret", "hostile-forge/forge"),
        "data": { "forged": "eWVz" },
        "type": "Opaque",
    });
    assert_eq!(copy("hostile_forge", &secret("a"), &[])?, expected);
    Ok(())
}

/// This one panics in `sync-down`, and has a hook that denies; its `translate` is like any other.
#[test]
fn cli_translate_with_a_plugin_asks_for_the_form_alone() -> Result<()> {
    for name in ["panic", "deny-it"] {
        let metadata = stamped(name, "/v1, Kind=Secret", "hostile-tattle/tattle");
        let expected = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": secret(name)["data"],
        });
        assert_eq!(copy("hostile_tattle", &secret(name), &[])?, expected);
    }
    Ok(())
}
