//! Services on their way to the physical cluster get a second port, for metrics, and lose addresses that would catch
//! the traffic of others. Whoever keeps a Service in step is shown the second port in the virtual one too, and so sees
//! no reason to take it away again.

use sluice_sdk::k8s_openapi::api::core::v1::{Service, ServicePort};
use sluice_sdk::{Hook, Occasion, Operation, Side};

/// As it is shown, the virtual Service has the second port.
struct Shown;

impl Hook for Shown {
    type Object = Service;
    const NAME: &'static str = "shown";
    const SIDE: Side = Side::Virtual;
    const OPERATIONS: &'static [Operation] = &[Operation::Get];

    fn review(&self, _: &Occasion, service: Service) -> Result<Service, String> {
        Ok(with_port(service))
    }
}

/// As it is made, the physical one has it too, and no external addresses.
struct Made;

impl Hook for Made {
    type Object = Service;
    const NAME: &'static str = "made";
    const SIDE: Side = Side::Physical;
    const OPERATIONS: &'static [Operation] = &[Operation::Create, Operation::Update];

    fn review(&self, _: &Occasion, service: Service) -> Result<Service, String> {
        let mut service = with_port(service);
        if let Some(spec) = &mut service.spec
            && spec.external_ips.take().is_some()
            && spec.type_.as_deref() == Some("ClusterIP")
        {
            // It says how what comes from outside is led in, and now nothing does.
            spec.external_traffic_policy = None;
        }
        Ok(service)
    }
}

fn with_port(mut service: Service) -> Service {
    let ports = service.spec.get_or_insert_default().ports.get_or_insert_default();
    // Of several ports each needs a name: one without stays alone.
    if ports.iter().all(|port| port.name.is_some() && port.port != 19000) {
        ports.push(ServicePort { name: Some("plugin".into()), port: 19000, ..ServicePort::default() });
    }
    service
}

sluice_sdk::plugin!(hooks Shown, Made);
