use super::*;

fn limits(yaml: &str) -> Result<Limits, LimitError> {
    serde_json::from_str::<Asked>(yaml).unwrap().limits("cars")
}

fn refused(json: &str) -> String {
    limits(json).unwrap_err().to_string()
}

#[test]
fn every_limit_can_be_set_from_its_least_to_its_most_and_no_further() {
    for Limit { name, default, min, max, .. } in TABLE {
        assert!(min <= default && default <= max, "{name}");
        assert_eq!(limits(&format!(r#"{{"{name}":{default}}}"#)), Ok(Limits::default()), "{name}");
        for (value, taken) in [(*min, true), (*max, true), (min - 1, false), (max + 1, false)] {
            assert_eq!(limits(&format!(r#"{{"{name}":{value}}}"#)).is_ok(), taken, "{name}: {value}");
        }
    }
}

#[test]
fn what_is_not_set_is_as_by_default() {
    assert_eq!(limits("{}"), Ok(Limits::default()));
    let set = Limits { memory: 128 << 20, log_lines_rate: 7, ..Limits::default() };
    assert_eq!(limits(r#"{"memory":"128Mi","logLinesPerSecond":7}"#), Ok(set));
}

#[test]
fn bytes_may_be_quantities() {
    for (text, bytes) in
        [("4Mi", 4 << 20), ("4096Ki", 4 << 20), ("1Gi", 1 << 30), ("4M", 4_000_000), ("4194304", 4 << 20)]
    {
        assert_eq!(limits(&format!(r#"{{"memory":"{text}"}}"#)).unwrap().memory, bytes, "{text}");
    }
    assert_eq!(Unit::Bytes.parse("99999999999999Gi"), None);
    assert_eq!((Unit::Bytes.print(1_500), Unit::Bytes.print(3 << 20)), ("1500".into(), "3Mi".into()));
}

#[test]
fn what_is_refused_is_told_with_plugin_field_value_and_bounds() {
    assert_eq!(refused(r#"{"memory":"2Gi"}"#), r#"plugin "cars": limit memory is "2Gi"; it takes 2Mi to 1Gi bytes"#);
    assert_eq!(refused(r#"{"time":99}"#), r#"plugin "cars": limit time is "99"; it takes 100 to 60000 ms"#);
    for value in ["-1", "1.5", "true", r#""x""#, r#""""#, r#""+5""#, r#""5Mi""#, r#""Mi""#, "1e30"] {
        let told = refused(&format!(r#"{{"calls":{value}}}"#));
        assert!(told.starts_with(r#"plugin "cars": limit calls is ""#) && told.ends_with("it takes 1 to 16"), "{told}");
    }
    let told = refused(r#"{"memroy":1}"#);
    assert!(told.starts_with(r#"plugin "cars" has no limit "memroy"; there are fuel, time, memory, "#), "{told}");
}

#[test]
fn what_was_asked_for_is_written_as_it_was_read() {
    let asked: Asked = serde_json::from_str(r#"{"calls":3,"memory":"64Mi"}"#).unwrap();
    assert_eq!(serde_json::from_str::<Asked>(&serde_json::to_string(&asked).unwrap()).unwrap(), asked);
}

#[test]
fn the_docs_are_of_this_table() {
    let wanted = markdown();
    let found = include_str!("../../../../docs/src/limits.md");
    assert!(found == wanted, "docs/src/limits.md should be:\n{wanted}");
}
