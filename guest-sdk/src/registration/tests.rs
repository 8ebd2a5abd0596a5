use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::fixtures::{Fixture, Widgets};
use crate::{Answer, Side, Syncers, Verb};

fn registration<C: Component>() -> Result<Value, String> {
    let json = <C as lifecycle::Guest>::register()?;
    Ok(serde_json::from_str(&json).expect("JSON"))
}

#[test]
fn what_is_registered_is_what_was_said_and_nothing_that_goes_without_saying() {
    let expected = json!({
        "name": "fixture",
        "version": "1.2.3",
        "description": "All that can be said",
        "syncers": [
            { "name": "deployments", "kind": { "group": "apps", "version": "v1", "kind": "Deployment" } },
            {
                "name": "widgets",
                "kind": { "group": "example.com", "version": "v1beta1", "kind": "Widget" },
                "select": { "namespaces": ["a"], "labels": "team=a" },
                "references": [{
                    "kind": { "group": "", "version": "v1", "kind": "Pod" },
                    "paths": ["/spec/widgets/*"],
                }],
                "watches": [{
                    "name": "pods",
                    "side": "physical",
                    "kind": { "group": "", "version": "v1", "kind": "Pod" },
                    "select": { "namespaces": [""], "labels": "team=a" },
                    "selects": true,
                }],
                "finalizers": true,
                "crd": "widgets.example.com",
            },
            {
                "name": "classes",
                "kind": { "group": "storage.k8s.io", "version": "v1", "kind": "StorageClass" },
                "direction": "up",
                "names": "same",
            },
            {
                "name": "priorities",
                "kind": { "group": "scheduling.k8s.io", "version": "v1", "kind": "PriorityClass" },
                "direction": "virtual",
                "references": [{
                    "kind": { "group": "", "version": "v1", "kind": "Pod" },
                    "paths": ["/spec/priorityClassName"],
                }],
            },
        ],
        "hooks": [{
            "name": "reviewed",
            "side": "physical",
            "kind": { "group": "apps", "version": "v1", "kind": "Deployment" },
            "operations": ["create", "update", "delete", "get"],
        }],
        "interceptors": [{
            "name": "answered",
            "rules": [
                { "apiGroups": ["apps"], "resources": ["deployments"], "resourceNames": ["a"], "verbs": ["get"] },
                { "nonResourceURLs": ["/healthz*"], "verbs": ["get"] },
            ],
        }],
        "asks": [
            { "side": "virtual", "kind": "Secret", "verbs": ["read"] },
            {
                "side": "physical",
                "group": "apps",
                "kind": "Deployment",
                "verbs": ["create", "update", "status", "delete"],
                "namespaces": ["a"],
                "names": ["b"],
            },
        ],
    });
    assert_eq!(registration::<Fixture>(), Ok(expected));
}

#[test]
fn the_registration_has_exactly_the_fields_of_its_schema() {
    let schema: Value = serde_json::from_str(include_str!("../../../wit/registration.schema.json")).expect("JSON");
    let definitions = &schema["$defs"];
    let registration = registration::<Fixture>().expect("a registration");
    let syncers = registration["syncers"].as_array().expect("a list");
    let (widgets, syncer) = (&syncers[1], &definitions["syncer"]);
    let described = [
        (vec![&registration], &schema),
        (syncers.iter().collect(), syncer),
        (vec![&widgets["kind"]], &definitions["kind"]),
        (vec![&widgets["select"]], &definitions["select"]),
        (vec![&widgets["watches"][0]], &definitions["watch"]),
        (vec![&widgets["references"][0]], &syncer["properties"]["references"]["items"]),
        (vec![&registration["hooks"][0]], &definitions["hook"]),
        (vec![&registration["interceptors"][0]], &definitions["interceptor"]),
        (registration["interceptors"][0]["rules"].as_array().expect("a list").iter().collect(), &definitions["rule"]),
        (registration["asks"].as_array().expect("a list").iter().collect(), &definitions["grant"]),
    ];
    for (values, schema) in described {
        let fields = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<BTreeSet<_>>();
        let said = values.iter().flat_map(|value| fields(value)).collect::<BTreeSet<_>>();
        assert_eq!(said, fields(&schema["properties"]), "{schema}");
        let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
        for value in values {
            assert!(required.iter().all(|field| value.get(field.as_str().expect("a name")).is_some()), "{value}");
        }
    }
}

#[test]
fn words_are_those_of_the_schema() {
    let schema: Value = serde_json::from_str(include_str!("../../../wit/registration.schema.json")).expect("JSON");
    // To hook into a kind is asked for by the hook itself.
    let verbs = json!(["read", "create", "update", "status", "delete", "hook"]);
    assert_eq!(verbs, schema["$defs"]["grant"]["properties"]["verbs"]["items"]["enum"]);
    let said = [Verb::Read, Verb::Create, Verb::Update, Verb::Status, Verb::Delete];
    assert_eq!(json!(said).as_array().map(Vec::as_slice), verbs.as_array().map(|verbs| &verbs[..5]));
    let operations = &registration::<Fixture>().expect("a registration")["hooks"][0]["operations"];
    assert_eq!(*operations, schema["$defs"]["hook"]["properties"]["operations"]["items"]["enum"]);
    let syncer = &schema["$defs"]["syncer"]["properties"];
    assert_eq!(json!([Direction::Down, Direction::Up, Direction::Virtual]), syncer["direction"]["enum"]);
    let names = syncer["names"]["oneOf"].as_array().expect("a list");
    assert_eq!(json!(Names::Same), names[0]["const"]);
    assert_eq!(json!(Names::Own), names[1]["const"]);
    assert_eq!(json!(Names::annotation("a")), json!({ "annotation": "a" }));
    assert_eq!(names[2]["required"], json!(["annotation"]));
    assert_eq!(json!(Names::map([("a/b", "c/d")])), json!({ "map": { "a/b": "c/d" } }));
    assert_eq!(names[3]["required"], json!(["map"]));
}

macro_rules! component {
    ($Component:ident: $Plugin:ty) => {
        struct $Component;

        impl Component for $Component {
            const NAME: &'static str = "other";
            const VERSION: &'static str = "1.2.3";
            const DESCRIPTION: &'static str = "";

            type Plugin = $Plugin;
        }
    };
}

#[test]
fn two_syncers_of_one_name_are_refused() {
    struct Twice;

    impl Plugin for Twice {
        type Config = ();

        fn new((): ()) -> Result<Self, String> {
            Ok(Self)
        }

        fn syncers(self) -> Syncers {
            Syncers::new().down(Widgets).down(Widgets)
        }
    }

    component!(Doubled: Twice);
    assert_eq!(registration::<Doubled>(), Err(r#"two syncers are named "widgets""#.to_owned()));
}

#[test]
fn a_plugin_may_refuse_to_start_and_need_not_have_syncers() {
    struct Unwilling;

    impl Plugin for Unwilling {
        type Config = ();

        fn new((): ()) -> Result<Self, String> {
            Err("not today".to_owned())
        }
    }

    component!(Refused: Unwilling);
    assert_eq!(registration::<Refused>(), Err("not today".to_owned()));
    assert_eq!(<Refused as lifecycle::Guest>::init(0), Err(Failure::permanent("not today")));

    struct Applies;

    impl Plugin for Applies {
        type Config = ();

        fn new((): ()) -> Result<Self, String> {
            Ok(Self)
        }

        fn init(&self, ctx: &Init) -> Answer {
            let yaml =
                format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: x }}\ndata: {{ at: {} }}", ctx.now());
            crate::Intents::none().apply_all(Side::Virtual, &yaml)
        }
    }

    component!(Applied: Applies);
    assert_eq!(registration::<Applied>().map(|registration| registration["syncers"].clone()), Ok(json!([])));
    assert!(matches!(<Applied as lifecycle::Guest>::init(0).as_deref(), Ok([Intent::Apply(_)])));
}
