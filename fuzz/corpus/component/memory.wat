(component (core module $m (memory (export "m") 16000) (data (i32.const 0) "abc")) (core instance (instantiate $m)) (instance $l) (export "sluice:plugin/lifecycle@0.1.0" (instance $l)))
