//! Which rules can be meant, and how they are told.

use serde_json::json;

use super::rule;

#[test]
fn rules_that_can_be_meant_are_taken() {
    for json in [
        json!({ "apiGroups": ["core"], "resources": ["pods"], "verbs": ["get"] }),
        json!({ "nonResourceURLs": ["/doner"], "verbs": ["get"] }),
        json!({ "nonResourceURLs": ["/doner"], "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] }),
        json!({ "nonResourceURLs": ["doner*"], "verbs": ["get"] }),
        json!({ "nonResourceURLs": ["*"], "verbs": ["*"] }),
        json!({ "nonResourceURLs": ["*", "/a", "/a*"], "verbs": ["get", "post"] }),
        json!({ "apiGroups": ["*"], "resources": ["*"], "resourceNames": ["*"], "verbs": ["*"] }),
    ] {
        assert_eq!(rule(json.clone()).check(), Ok(()), "{json}");
    }
}

#[test]
fn rules_that_cannot_be_meant_are_told() {
    for (json, said) in [
        (json!({ "apiGroups": [""], "resources": ["pods"], "verbs": ["get", "*"] }), "\"*\" beside others in verbs"),
        (json!({ "apiGroups": [""], "resources": ["pods", "*"], "verbs": ["get"] }), "beside others in resources;"),
        (json!({ "apiGroups": ["*", "core"], "resources": ["pods"], "verbs": ["get"] }), "beside others in apiGroups"),
        (
            json!({ "apiGroups": [""], "resources": ["pods"], "resourceNames": ["*", "a"], "verbs": ["get"] }),
            "beside others in resourceNames",
        ),
        (json!({ "verbs": [] }), "no verbs"),
        (json!({ "verbs": ["get"] }), "neither apiGroups and resources nor nonResourceURLs"),
        (json!({ "apiGroups": [""], "resources": ["pods"], "verbs": [] }), "no verbs"),
        (json!({ "apiGroups": [""], "verbs": ["get"] }), "apiGroups without resources"),
        (json!({ "resources": ["pods"], "verbs": ["get"] }), "resources without apiGroups"),
        (json!({ "nonResourceURLs": ["/a"], "resources": ["pods"], "verbs": ["get"] }), "resources without apiGroups"),
        (json!({ "nonResourceURLs": ["/a"], "resourceNames": ["a"], "verbs": ["get"] }), "without resources"),
        (json!({ "nonResourceURLs": ["doner*kebab"], "verbs": ["get"] }), "the URL \"doner*kebab\""),
        (json!({ "nonResourceURLs": ["/doner**"], "verbs": ["get"] }), "the URL \"/doner**\""),
        (json!({ "nonResourceURLs": [""], "verbs": ["get"] }), "an empty text in nonResourceURLs"),
        (
            json!({ "apiGroups": [""], "resources": ["pods"], "resourceNames": [""], "verbs": ["get"] }),
            "an empty text in resourceNames",
        ),
        (json!({ "nonResourceURLs": ["/a"], "verbs": ["GET"] }), "the verb \"GET\""),
    ] {
        let error = rule(json.clone()).check().unwrap_err().to_string();
        assert!(error.contains(said), "{json}: {error}");
    }
}

#[test]
fn a_rule_is_told_in_words() {
    for (json, said) in [
        (json!({ "apiGroups": ["*"], "resources": ["pods"], "verbs": ["get"] }), "get of pods in any API group"),
        (
            json!({ "apiGroups": ["", "apps"], "resources": ["pods"], "resourceNames": ["john"], "verbs": ["get", "list"] }),
            "get, list of pods in API group apps, core named john",
        ),
        (json!({ "nonResourceURLs": ["/a", "/b*"], "verbs": ["*"] }), "any verb of /a, /b*"),
        (
            json!({ "apiGroups": ["*"], "resources": ["*"], "nonResourceURLs": ["/a"], "verbs": ["*"] }),
            "any verb of any resource in any API group and of /a",
        ),
    ] {
        assert_eq!(rule(json).to_string(), said);
    }
}
