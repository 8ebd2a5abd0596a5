//! What the environment says, in OpenTelemetry's variables.

use crate::TracesError;

/// Whether spans are to be sent. `variable`: the value of one that is set to something.
pub(crate) fn by(variable: impl Fn(&str) -> Option<String>) -> Result<bool, TracesError> {
    let off = variable("OTEL_SDK_DISABLED").is_some_and(|off| off.eq_ignore_ascii_case("true"))
        || variable("OTEL_TRACES_EXPORTER").is_some_and(|exporter| exporter == "none");
    let somewhere = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
    if off || !somewhere.iter().any(|name| variable(name).is_some()) {
        return Ok(false);
    }
    let protocols = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"];
    let said = protocols.into_iter().find_map(|name| Some((name, variable(name)?)));
    match said {
        Some((variable, protocol)) if protocol != "http/protobuf" => Err(TracesError::Protocol { variable, protocol }),
        _ => Ok(true),
    }
}

/// Whether it says what this service is called.
pub(crate) fn is_named(variable: impl Fn(&str) -> Option<String>) -> bool {
    let attributes = variable("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default();
    variable("OTEL_SERVICE_NAME").is_some()
        || attributes.split(',').any(|pair| pair.trim().starts_with("service.name="))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'a>(all: &'a [(&str, &str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| all.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).into())
    }

    #[test]
    fn spans_are_sent_where_an_endpoint_is_named_and_nothing_says_no() {
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
        for (variables, sent) in [
            (&[][..], false),
            (&[endpoint], true),
            (&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector:4318/v1/traces")], true),
            (&[endpoint, ("OTEL_SDK_DISABLED", "True")], false),
            (&[endpoint, ("OTEL_TRACES_EXPORTER", "none")], false),
            (&[endpoint, ("OTEL_TRACES_EXPORTER", "otlp")], true),
            (&[endpoint, ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")], true),
            (&[("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")], false),
        ] {
            assert_eq!(by(of(variables)).expect("nothing is wrong"), sent, "{variables:?}");
        }
    }

    #[test]
    fn a_protocol_that_is_not_spoken_is_named_with_the_way_out() {
        let variables = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:4317"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")];
        let told = by(of(&variables)).expect_err("it is not spoken").to_string();
        assert!(told.starts_with("OTEL_EXPORTER_OTLP_PROTOCOL is \"grpc\"") && told.contains("4318"), "{told}");
    }

    #[test]
    fn a_name_of_the_environment_stays() {
        assert!(!is_named(of(&[("OTEL_RESOURCE_ATTRIBUTES", "a.service.name=b")])));
        assert!(is_named(of(&[("OTEL_RESOURCE_ATTRIBUTES", "a=b, service.name=c")])));
        assert!(is_named(of(&[("OTEL_SERVICE_NAME", "c")])));
    }
}
