//! Who answers, and who may not beside whom.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::json;

use super::super::{Request, Resource, Rule};
use super::{rule, table};

fn of(group: &str, resource: &str, name: &str, verb: &str) -> Request {
    let resource = Resource { group: group.into(), resource: resource.into(), name: name.into(), ..Default::default() };
    Request { verb: verb.into(), path: String::new(), resource: Some(resource) }
}

fn at(path: &str, verb: &str) -> Request {
    Request { verb: verb.into(), path: path.into(), resource: None }
}

#[test]
fn urls_are_answered() {
    for (url, verbs, request, answered) in [
        ("*", vec!["*"], at("/doner", "get"), true),
        ("*", vec!["list"], at("/doner", "get"), false),
        ("/healthz", vec!["list"], at("/healthz", "list"), true),
        ("/healthz", vec!["list"], at("/doner", "list"), false),
        ("/healthz", vec!["list", "get"], at("/healthz", "get"), true),
        ("/healthz", vec!["get"], at("/healthz/ready", "get"), false),
        ("/don*", vec!["get"], at("/doner", "get"), true),
        ("/don*", vec!["get"], at("/don", "get"), true),
        ("/don*", vec!["get"], at("/do", "get"), false),
        ("*", vec!["*"], of("", "pods", "", "list"), false),
    ] {
        let rules = vec![rule(json!({ "nonResourceURLs": [url], "verbs": verbs }))];
        let found = table(&[rules]).unwrap().find(&request).is_some();
        assert_eq!(found, answered, "{url} {verbs:?} {request:?}");
    }
}

#[test]
fn resources_are_answered() {
    for (groups, resources, names, verbs, request, answered) in [
        ("", "doner", vec![], "*", of("", "doner", "a", "get"), true),
        ("", "doner", vec![], "get", of("", "doner", "a", "get"), true),
        ("", "doner", vec![], "get", of("", "doner", "", "get"), true),
        ("", "doner", vec![], "get", of("", "kebab", "a", "get"), false),
        ("", "doner", vec![], "get", of("apps", "doner", "a", "get"), false),
        ("", "doner", vec![], "get", of("", "doner", "a", "list"), false),
        ("*", "doner", vec![], "get", of("somegroup", "doner", "a", "get"), true),
        ("", "*", vec![], "get", of("", "doner", "a", "get"), true),
        ("", "doner", vec!["john"], "get", of("", "doner", "jeff", "get"), false),
        ("", "doner", vec!["john"], "get", of("", "doner", "john", "get"), true),
        ("", "doner", vec!["john"], "*", of("", "doner", "john", "get"), true),
        ("", "doner", vec!["john"], "*", of("", "doner", "", "list"), false),
        ("", "doner", vec!["*"], "*", of("", "doner", "", "list"), true),
        ("", "doner", vec!["*"], "*", of("", "doner", "john", "get"), true),
        ("*", "*", vec![], "*", of("", "doner", "", ""), true),
        ("*", "*", vec![], "*", at("/doner", "get"), false),
    ] {
        let json = json!({ "apiGroups": [groups], "resources": [resources], "resourceNames": names, "verbs": [verbs] });
        let found = table(&[vec![rule(json.clone())]]).unwrap().find(&request).is_some();
        assert_eq!(found, answered, "{json} {request:?}");
    }
}

#[test]
fn a_request_goes_to_the_interceptor_that_is_for_it() {
    let table = table(&[
        vec![rule(json!({ "apiGroups": ["*"], "resources": ["pods"], "resourceNames": ["a"], "verbs": ["get"] }))],
        vec![rule(json!({ "apiGroups": [""], "resources": ["pods"], "resourceNames": ["b"], "verbs": ["*"] }))],
        vec![rule(json!({ "nonResourceURLs": ["/a"], "verbs": ["get"] }))],
        vec![
            rule(json!({ "nonResourceURLs": ["/a*"], "verbs": ["*"] })),
            rule(json!({ "nonResourceURLs": ["/c"], "verbs": ["*"] })),
        ],
        vec![rule(json!({ "nonResourceURLs": ["/a/b*"], "verbs": ["get"] }))],
        vec![rule(json!({ "nonResourceURLs": ["*"], "verbs": ["get"] }))],
    ])
    .unwrap();
    for (request, owner) in [
        (of("", "pods", "a", "get"), Some("a/i")),
        (of("x", "pods", "a", "get"), Some("a/i")),
        (of("", "pods", "b", "delete"), Some("b/i")),
        (of("x", "pods", "b", "delete"), None),
        // The whole path, and the verb with it.
        (at("/a", "get"), Some("c/i")),
        (at("/a", "post"), Some("d/i")),
        // The longest beginning that has the verb.
        (at("/a/b/c", "get"), Some("e/i")),
        (at("/a/b/c", "post"), Some("d/i")),
        (at("/a/c", "get"), Some("d/i")),
        (at("/c", "put"), Some("d/i")),
        (at("/b", "get"), Some("f/i")),
        (at("/b", "post"), None),
    ] {
        assert_eq!(table.find(&request).map(ToString::to_string).as_deref(), owner, "{request:?}");
    }
}

#[test]
fn two_that_want_the_same_are_told() {
    let of = |group: &str, resource: &str, name: &str, verb: &str| {
        let names: Vec<_> = Some(name).into_iter().filter(|name| !name.is_empty()).collect();
        rule(json!({ "apiGroups": [group], "resources": [resource], "resourceNames": names, "verbs": [verb] }))
    };
    let at = |url: &str, verb: &str| rule(json!({ "nonResourceURLs": [url], "verbs": [verb] }));
    for (one, other, both) in [
        (of("", "pods", "", "get"), of("", "pods", "", "get"), Some("get of pods in API group core")),
        (of("", "pods", "a", "get"), of("", "pods", "a", "get"), Some("get of pods in API group core named a")),
        (of("*", "pods", "", "get"), of("stuff", "pods", "", "get"), Some("get of pods in API group stuff")),
        (of("", "*", "", "get"), of("", "pod", "", "get"), Some("get of pod in API group core")),
        (of("", "pods", "", "*"), of("", "pods", "", "get"), Some("get of pods in API group core")),
        (of("", "pods", "*", "get"), of("", "pods", "toto", "get"), Some("get of pods in API group core named toto")),
        (of("", "pods", "", "get"), of("", "pods", "toto", "get"), Some("get of pods in API group core named toto")),
        (of("", "pods", "toto", "*"), of("*", "*", "", "get"), Some("get of pods in API group core named toto")),
        (of("*", "*", "", "*"), of("*", "*", "", "*"), Some("any verb of any resource in any API group")),
        (of("", "pods", "", "get"), of("", "services", "", "get"), None),
        (of("", "pods", "a", "get"), of("", "pods", "b", "get"), None),
        (of("", "pods", "", "get"), of("", "pods", "", "list"), None),
        (of("", "pods", "", "get"), of("apps", "pods", "", "get"), None),
        (at("/a", "get"), at("/a", "get"), Some("get of /a")),
        (at("/a", "*"), at("/a", "get"), Some("get of /a")),
        (at("/a*", "get"), at("/a*", "*"), Some("get of /a*")),
        (at("/a*", "get"), at("/a/b*", "get"), None),
        (at("/a*", "get"), at("/a", "get"), None),
        (at("*", "get"), at("/a", "get"), None),
        (at("/a", "get"), at("/a", "post"), None),
        (at("*", "*"), of("*", "*", "", "*"), None),
    ] {
        for pair in [[&one, &other], [&other, &one]] {
            let rules = pair.map(|rule| vec![rule.clone()]);
            let said = table(&rules).err().map(|conflict| conflict.to_string());
            let expected = both.map(|both| {
                format!(
                    "interceptors \"a/i\" and \"b/i\" both answer {both}; \
                     remove one of them, or let them take different resources, names, verbs or URLs"
                )
            });
            assert_eq!(said, expected, "{one} | {other}");
        }
        assert!(table(&[vec![one, other]]).is_ok(), "one interceptor may say a thing twice");
    }
}

fn rules() -> impl Strategy<Value = Rule> {
    let some = |of: &'static [&'static str]| {
        let some = subsequence(of, 1..=of.len()).prop_map(|some| some.into_iter().map(str::to_owned).collect());
        prop_oneof![4 => some, 1 => Just([("*".to_owned())].into())]
    };
    let any = prop_oneof![some(&["a", "b"]), Just(Default::default())];
    (some(&["", "apps"]), some(&["pods", "nodes"]), any, some(&["get", "list"])).prop_map(
        |(api_groups, resources, resource_names, verbs)| Rule {
            api_groups,
            resources,
            resource_names,
            verbs,
            ..Rule::default()
        },
    )
}

proptest! {
    #[test]
    fn two_that_would_answer_one_request_are_never_in_one_table(
        one in rules(),
        other in rules(),
        group in select(vec!["", "apps", "batch"]),
        resource in select(vec!["pods", "nodes", "secrets"]),
        name in select(vec!["", "a", "b", "c"]),
        verb in select(vec!["get", "list", "watch"]),
    ) {
        let request = of(group, resource, name, verb);
        let answers = |rule: &Rule| table(&[vec![rule.clone()]]).unwrap().find(&request).is_some();
        prop_assert!(one.check().is_ok() && other.check().is_ok());
        if answers(&one) && answers(&other) {
            prop_assert!(table(&[vec![one], vec![other]]).is_err());
        } else if let Ok(table) = table(&[vec![one.clone()], vec![other.clone()]]) {
            let owner = table.find(&request).map(|owner| owner.plugin.as_str());
            prop_assert_eq!(owner, if answers(&one) { Some("a") } else { answers(&other).then_some("b") });
        }
    }
}
