//! Which objects a plugin makes copies of.

use super::{Ran, component, configured, copy, secret, translate};
use anyhow::Result;
use serde_json::{Value, json};

fn map(metadata: Value) -> Value {
    let mut object =
        json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a", "namespace": "default" } });
    for (key, value) in metadata.as_object().into_iter().flatten() {
        object["metadata"][key] = value.clone();
    }
    object
}

#[test]
fn cli_translate_with_a_plugin_that_has_no_syncer_for_a_kind_says_what_it_has() -> Result<()> {
    for (plugin, why) in [
        ("configmaps", "no syncer of the plugin is for this kind; its syncers are configmaps (v1 ConfigMap down)"),
        ("pod_hooks", "no syncer of the plugin is for this kind; it has none"),
        (
            "import_secrets",
            "syncer import-secrets brings such objects up from the physical cluster; only what is copied down is translated",
        ),
    ] {
        let message = format!("standard input: v1 Secret \"a\": {why}");
        assert_eq!(translate(plugin, &secret("a").to_string(), &[])?, Ran::failed(&message), "{plugin}");
    }
    let message = "standard input: v1 Node \"a\": \
                   syncer fake-nodes makes such objects in the virtual cluster alone; they have no copies";
    let node = "{apiVersion: v1, kind: Node, metadata: {name: a}}";
    assert_eq!(translate("fake_nodes", node, &["--cluster-scoped"])?, Ran::failed(message));
    Ok(())
}

#[test]
fn cli_translate_with_a_plugin_makes_copies_of_what_it_selects() -> Result<()> {
    let (_folder, config) =
        configured("plugins: {configmaps: {config: {namespaces: [default, shop], labels: 'team in (a, b),!legacy'}}}")?;
    let labelled = |labels: Value| map(json!({ "labels": labels }));
    let made = copy("configmaps", &labelled(json!({ "team": "b", "tier": "x" })), &["--config", &config])?;
    assert_eq!(made["metadata"]["labels"]["team"], "b");

    let message = "standard input: v1 ConfigMap \"a\": syncer configmaps does not take it, \
                   but only what is in namespace default or shop and labelled team in (a, b),!legacy";
    for other in [
        labelled(json!({})),
        labelled(json!({ "team": "c" })),
        labelled(json!({ "team": "a", "legacy": "" })),
        map(json!({ "labels": { "team": "a" }, "namespace": "other" })),
    ] {
        let ran = translate("configmaps", &other.to_string(), &["--config", &config])?;
        assert_eq!(ran, Ran::failed(message), "{other}");
    }
    Ok(())
}

#[test]
fn cli_translate_with_a_plugin_makes_none_where_the_runtime_would_not() -> Result<()> {
    let others = "vcluster.loft.sh/controlled-by says that others take care of it: no copy is made of it";
    for (metadata, why) in [
        (
            json!({ "deletionTimestamp": "2020-01-01T00:00:00Z" }),
            "it has a metadata.deletionTimestamp: no copy is made of what is being deleted",
        ),
        (json!({ "labels": { "vcluster.loft.sh/controlled-by": "me" } }), others),
        (json!({ "annotations": { "vcluster.loft.sh/controlled-by": "me" } }), others),
        (
            json!({ "annotations": {
                "vcluster.loft.sh/object-imported": "true", "vcluster.loft.sh/object-syncer": "configmaps/up",
            } }),
            "it was brought up by this plugin: it does not go down again",
        ),
    ] {
        let message = format!("standard input: v1 ConfigMap \"a\": {why}");
        assert_eq!(translate("configmaps", &map(metadata).to_string(), &[])?, Ran::failed(&message));
    }
    // That is this syncer's own.
    let own = json!({ "annotations": { "vcluster.loft.sh/controlled-by": "configmaps" } });
    copy("configmaps", &map(own), &[]).map(drop)
}

#[test]
fn cli_translate_with_a_plugin_names_the_document_that_is_wrong() -> Result<()> {
    let documents = format!("{}\n---\n{}\n", map(json!({})), secret("a"));
    let ran = translate("configmaps", &documents, &[])?;
    let message = "standard input, document 2: v1 Secret \"a\": no syncer of the plugin is for this kind; \
                   its syncers are configmaps (v1 ConfigMap down)";
    assert_eq!(ran, Ran::failed(message), "{}", component("configmaps")?);
    let message = "standard input: v1 ConfigMap \"a\" has no metadata.namespace; \
                   add it, or say --cluster-scoped if the kind has none";
    assert_eq!(translate("configmaps", &map(json!({ "namespace": null })).to_string(), &[])?, Ran::failed(message));
    Ok(())
}
