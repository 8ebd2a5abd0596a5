(component (instance $i) (export "sluice:plugin/hooks@0.1.0" (instance $i)))
