(component (instance $l) (export "sluice:plugin/lifecycle@0.1.0" (instance $l)))
