(component (import "sluice:plugin/log@0.2.0" (instance)) (instance $l) (export "sluice:plugin/lifecycle@0.1.0" (instance $l)))
