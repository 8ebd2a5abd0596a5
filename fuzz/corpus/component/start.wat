(component (core module $m (func $s (loop (br 0))) (start $s)) (core instance (instantiate $m)) (instance $l) (export "sluice:plugin/lifecycle@0.1.0" (instance $l)))
