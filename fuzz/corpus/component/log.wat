(component (import "sluice:plugin/log@0.1.0" (instance (export "log" (func (param "message" string))))) (instance $l) (export "sluice:plugin/lifecycle@0.1.0" (instance $l)))
