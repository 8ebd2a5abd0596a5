//! What of a rule is not granted.

use serde_json::{Value, json};

use super::super::missing;
use super::rule;

#[test]
fn what_is_not_granted_is_told_and_nothing_else() {
    let pods = |groups: Value, names: Value, verbs: Value| json!({ "apiGroups": groups, "resources": ["pods"], "resourceNames": names, "verbs": verbs });
    let all = json!(["*"]);
    for (asked, granted, said) in [
        (pods(all.clone(), json!([]), json!(["get"])), vec![], vec!["get of pods in any API group"]),
        (pods(all.clone(), json!([]), json!(["get"])), vec![pods(all.clone(), json!([]), json!(["get"]))], vec![]),
        (
            pods(json!([""]), json!(["a"]), json!(["get"])),
            vec![json!({ "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"] })],
            vec![],
        ),
        // All is not covered by some.
        (
            pods(all.clone(), json!([]), json!(["get"])),
            vec![pods(json!(["", "apps"]), json!([]), json!(["get"]))],
            vec!["get of pods in any API group"],
        ),
        (
            pods(json!([""]), json!([]), json!(["get"])),
            vec![pods(json!([""]), json!(["a"]), json!(["get"]))],
            vec!["get of pods in API group core"],
        ),
        (
            pods(json!([""]), json!(["*"]), json!(["*"])),
            vec![pods(json!([""]), json!([]), json!(["get"]))],
            vec!["any verb of pods in API group core"],
        ),
        // Several cover together what none covers alone.
        (
            pods(json!([""]), json!(["a", "b"]), json!(["get", "list"])),
            vec![
                pods(json!([""]), json!(["a"]), json!(["*"])),
                pods(json!(["*"]), json!(["b"]), json!(["get"])),
                pods(json!([""]), json!(["b", "c"]), json!(["list"])),
            ],
            vec![],
        ),
        (
            pods(json!(["", "apps"]), json!(["a", "b"]), json!(["get", "list"])),
            vec![
                pods(json!([""]), json!([]), json!(["*"])),
                pods(json!(["apps"]), json!(["a"]), json!(["get", "list"])),
            ],
            vec!["get, list of pods in API group apps named b"],
        ),
        (json!({ "nonResourceURLs": ["/a", "/b/c*"], "verbs": ["get"] }), vec![], vec!["get of /a, /b/c*"]),
        (
            json!({ "nonResourceURLs": ["/a", "/b/c*"], "verbs": ["get", "post"] }),
            vec![
                json!({ "nonResourceURLs": ["/b*"], "verbs": ["*"] }),
                json!({ "nonResourceURLs": ["/a"], "verbs": ["get"] }),
            ],
            vec!["post of /a"],
        ),
        (
            json!({ "nonResourceURLs": ["/b*"], "verbs": ["get"] }),
            vec![json!({ "nonResourceURLs": ["/b", "/b/*"], "verbs": ["get"] })],
            vec!["get of /b*"],
        ),
        (
            json!({ "nonResourceURLs": ["*"], "verbs": ["*"] }),
            vec![json!({ "nonResourceURLs": ["*"], "verbs": ["*"] })],
            vec![],
        ),
        // Resources are not URLs, nor the other way round.
        (
            json!({ "apiGroups": [""], "resources": ["pods"], "nonResourceURLs": ["/a"], "verbs": ["get"] }),
            vec![json!({ "nonResourceURLs": ["*"], "verbs": ["*"] })],
            vec!["get of pods in API group core"],
        ),
        (
            json!({ "apiGroups": [""], "resources": ["pods"], "nonResourceURLs": ["/a"], "verbs": ["get"] }),
            vec![json!({ "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"] })],
            vec!["get of /a"],
        ),
    ] {
        let granted: Vec<_> = granted.into_iter().map(rule).collect();
        let missing = missing(&granted, &[rule(asked.clone())]);
        let told: Vec<_> = missing.iter().map(ToString::to_string).collect();
        assert_eq!(told, said, "{asked} with {granted:?}");
        // Granting just that is enough.
        let granted: Vec<_> = granted.into_iter().chain(missing).collect();
        assert_eq!(super::super::missing(&granted, &[rule(asked)]), []);
    }
}
