use serde_json::json;

use super::*;

const NAME: &str = "widgets.example.com";

fn definition(version: u32, copy: bool, spec: Value) -> Arc<Object> {
    let labels = if copy { json!({"vcluster.loft.sh/managed-by": "vc"}) } else { json!({}) };
    let annotations = if copy { json!({"vcluster.loft.sh/object-imported": "true"}) } else { json!({}) };
    let metadata = json!({
        "name": NAME, "uid": "u", "resourceVersion": version.to_string(), "labels": labels, "annotations": annotations,
    });
    Arc::new(
        Object::parse(&definitions().gvk, &json!({"kind": "C", "metadata": metadata, "spec": spec}).to_string())
            .unwrap(),
    )
}

fn listed(objects: Vec<Arc<Object>>) -> WatchEvent {
    WatchEvent::Reset { namespace: None, objects }
}

fn spec(later: Option<&str>) -> Value {
    json!({"group": "example.com", "conversion": {"strategy": "None"}, "later": later})
}

fn rejected() -> Result<Written, WriteError> {
    Err(WriteError::Rejected("no".into()))
}

#[tokio::test(start_paused = true)]
async fn nothing_is_wanted_before_both_sides_are_known() {
    let mut keeper = Keeper::new(NAME, "vc");
    keeper.sees(Side::Virtual, listed(vec![definition(1, false, spec(None))]));
    assert!(keeper.wanted().is_none());
    keeper.sees(Side::Physical, listed(vec![]));
    let Some((Write::Create { target, .. }, _)) = keeper.wanted() else { panic!("no create") };
    assert_eq!((target.side, target.key), (Side::Physical, Key::cluster(NAME)));
}

#[tokio::test(start_paused = true)]
async fn what_an_older_api_server_leaves_out_is_asked_for_once() {
    let mut keeper = Keeper::new(NAME, "vc");
    keeper.sees(Side::Physical, listed(vec![definition(1, false, spec(Some("a")))]));
    keeper.sees(Side::Virtual, listed(vec![definition(5, true, spec(None))]));
    let (write, copy) = keeper.wanted().unwrap();
    let Write::Patch { patch, read, .. } = &write else { panic!("no patch") };
    assert_eq!((patch, read.version.as_str()), (&json!({"spec": {"later": "a"}}), "5"));
    keeper.answered(&write, copy, Ok(Written::Stored(definition(5, true, spec(None)))));
    assert!(keeper.wanted().is_none());
    // Its status moves it on; that is no news.
    keeper.sees(Side::Virtual, WatchEvent::Applied(definition(6, true, spec(None))));
    assert!(keeper.wanted().is_none());

    keeper.sees(Side::Physical, WatchEvent::Applied(definition(2, false, spec(Some("b")))));
    assert!(keeper.wanted().is_some());
    keeper.sees(Side::Physical, WatchEvent::Applied(definition(3, false, spec(Some("a")))));
    keeper.sees(Side::Virtual, WatchEvent::Applied(definition(7, true, spec(Some("drift")))));
    assert!(keeper.wanted().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_failed_write_waits_until_something_changes() {
    let mut keeper = Keeper::new(NAME, "vc");
    keeper.sees(Side::Virtual, listed(vec![definition(1, false, spec(None))]));
    keeper.sees(Side::Physical, listed(vec![]));
    let now = Instant::now();
    for _ in 0..9 {
        let (write, copy) = keeper.wanted().unwrap();
        keeper.answered(&write, copy, rejected());
        assert!(keeper.not_before() > now && keeper.not_before() <= now + LONGEST_WAIT);
    }
    assert_eq!(keeper.not_before(), now + LONGEST_WAIT);
    keeper.sees(Side::Virtual, WatchEvent::Applied(definition(2, false, spec(Some("a")))));
    assert_eq!(keeper.not_before(), now);
    keeper.sees(Side::Virtual, WatchEvent::Deleted(definition(2, false, spec(Some("a")))));
    assert!(keeper.wanted().is_none());
}
