BEGIN TRANSACTION;
CREATE TABLE activities (
	activity VARCHAR NOT NULL, 
	CONSTRAINT pk_activities PRIMARY KEY (activity)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0009');
CREATE TABLE "changes" (
	developer VARCHAR NOT NULL, 
	id VARCHAR(36) NOT NULL, 
	changed_epoch BIGINT NOT NULL, 
	verb VARCHAR NOT NULL, 
	table_name VARCHAR NOT NULL, 
	row_key TEXT NOT NULL, 
	"before" TEXT, 
	"after" TEXT, 
	import_id VARCHAR(36), 
	undone_by VARCHAR(36), 
	group_id VARCHAR(36), 
	CONSTRAINT pk_changes PRIMARY KEY (developer, id)
);
INSERT INTO "changes" VALUES('ann','019ca945-0a00-7000-a1d4-54892d3c95fc',1772366400,'add','entries','01900000-0000-7000-8000-000000000001',NULL,'{"id": "01900000-0000-7000-8000-000000000001", "developer": "ann", "task": "T-1", "activity": "design", "started_epoch": 1728118800, "zone": "UTC", "seconds": 1800, "local_day": 20001, "logged_epoch": 1728120600, "ended_epoch": 1728120600, "interruption_seconds": 0, "team": null, "assisted": "unknown", "basis": null, "assistant": null, "note": "it''s \"kept\"", "tags": null, "source": null, "source_key": null, "row_hash": null, "local_month": 657, "import_id": null}',NULL,NULL,NULL);
CREATE TABLE claims (
	id VARCHAR NOT NULL, 
	activity VARCHAR NOT NULL, 
	value DOUBLE NOT NULL, 
	reading VARCHAR NOT NULL, 
	bound VARCHAR NOT NULL, 
	source TEXT NOT NULL, 
	CONSTRAINT pk_claims PRIMARY KEY (id)
);
CREATE TABLE developer_aliases (
	alias VARCHAR NOT NULL, 
	developer VARCHAR NOT NULL, 
	CONSTRAINT pk_developer_aliases PRIMARY KEY (alias)
);
INSERT INTO "developer_aliases" VALUES('ann@example.org','ann');
CREATE TABLE disclosure_cells (
	team VARCHAR NOT NULL, 
	month INTEGER NOT NULL, 
	project VARCHAR NOT NULL, 
	cell INTEGER NOT NULL, 
	fixed_epoch BIGINT NOT NULL, 
	CONSTRAINT pk_disclosure_cells PRIMARY KEY (team, month, project)
);
CREATE TABLE entries (
	developer VARCHAR NOT NULL, 
	id VARCHAR(36) NOT NULL, 
	task VARCHAR NOT NULL, 
	activity VARCHAR NOT NULL, 
	team VARCHAR, 
	started_epoch BIGINT NOT NULL, 
	ended_epoch BIGINT, 
	zone VARCHAR NOT NULL, 
	seconds INTEGER NOT NULL, 
	interruption_seconds INTEGER NOT NULL, 
	local_day INTEGER NOT NULL, 
	local_month INTEGER NOT NULL, 
	assisted VARCHAR(7) NOT NULL, 
	basis VARCHAR(8), 
	assistant VARCHAR, 
	note TEXT, 
	tags TEXT, 
	source VARCHAR, 
	source_key VARCHAR, 
	row_hash VARCHAR, 
	import_id VARCHAR(36), 
	logged_epoch BIGINT NOT NULL, 
	CONSTRAINT pk_entries PRIMARY KEY (developer, id), 
	CONSTRAINT ck_entries_assisted_known CHECK (assisted IN ('yes', 'no', 'unknown')), 
	CONSTRAINT ck_entries_interruption_not_negative CHECK (interruption_seconds >= 0), 
	CONSTRAINT ck_entries_seconds_not_negative CHECK (seconds >= 0), 
	CONSTRAINT uq_entries_developer_source_source_key UNIQUE (developer, source, source_key)
);
INSERT INTO "entries" VALUES('ann','01900000-0000-7000-8000-000000000001','T-1','design',NULL,1728118800,1728120600,'UTC',1800,0,20001,657,'unknown',NULL,NULL,'it''s "kept"',NULL,NULL,NULL,NULL,NULL,1728120600);
CREATE TABLE entry_totals (
	developer VARCHAR NOT NULL, 
	task VARCHAR NOT NULL, 
	activity VARCHAR NOT NULL, 
	local_month INTEGER NOT NULL, 
	team VARCHAR NOT NULL, 
	assisted VARCHAR(7) NOT NULL, 
	basis VARCHAR(8) NOT NULL, 
	assistant VARCHAR NOT NULL, 
	readable BOOLEAN NOT NULL, 
	entries INTEGER NOT NULL, 
	seconds BIGINT NOT NULL, 
	first_epoch BIGINT NOT NULL, 
	ended_epoch BIGINT NOT NULL, 
	last_epoch BIGINT NOT NULL, 
	day_at_first INTEGER NOT NULL, 
	first_day INTEGER NOT NULL, 
	last_day INTEGER NOT NULL, 
	first_logged_epoch BIGINT NOT NULL, 
	last_logged_epoch BIGINT NOT NULL, 
	heaped_15 INTEGER NOT NULL, 
	heaped_30 INTEGER NOT NULL, 
	heaped_60 INTEGER NOT NULL, 
	over_12h INTEGER NOT NULL, 
	over_24h INTEGER NOT NULL, 
	beyond_span INTEGER NOT NULL, 
	with_span INTEGER NOT NULL, 
	sixtyfold INTEGER NOT NULL, 
	sixtieth INTEGER NOT NULL, 
	late INTEGER NOT NULL, 
	overlapping INTEGER NOT NULL, 
	CONSTRAINT pk_entry_totals PRIMARY KEY (developer, task, activity, local_month, team, assisted, basis, assistant, readable)
)
 WITHOUT ROWID

;
INSERT INTO "entry_totals" VALUES('ann','T-1','design',657,'','unknown','','',1,1,1800,1728118800,1728120600,1728120600,20001,20001,20001,1728120600,1728120600,1,1,0,0,0,0,1,0,0,0,0);
CREATE TABLE "imports" (
	id VARCHAR(36) NOT NULL, 
	source VARCHAR NOT NULL, 
	file TEXT NOT NULL, 
	imported_epoch BIGINT NOT NULL, 
	entries INTEGER NOT NULL, 
	work_items INTEGER NOT NULL, 
	tasks INTEGER NOT NULL, 
	rejected INTEGER NOT NULL, 
	undone_epoch BIGINT, 
	developer VARCHAR, 
	CONSTRAINT pk_imports PRIMARY KEY (id)
);
CREATE TABLE rollouts (
	id VARCHAR(36) NOT NULL, 
	assistant VARCHAR NOT NULL, 
	day INTEGER NOT NULL, 
	developer VARCHAR, 
	team VARCHAR, 
	CONSTRAINT pk_rollouts PRIMARY KEY (id)
);
CREATE TABLE tasks (
	task VARCHAR NOT NULL, 
	title TEXT, 
	project VARCHAR, 
	estimate_minutes DOUBLE, 
	estimate_ai_minutes DOUBLE, 
	completed_epoch BIGINT, 
	import_id VARCHAR(36), estimated_epoch BIGINT, estimate_points DOUBLE, 
	CONSTRAINT pk_tasks PRIMARY KEY (task)
);
CREATE TABLE usage_coverage (
	developer VARCHAR NOT NULL, 
	machine VARCHAR(16) NOT NULL, 
	day INTEGER NOT NULL, 
	all_attributed INTEGER NOT NULL, 
	CONSTRAINT pk_usage_coverage PRIMARY KEY (developer, machine, day)
);
CREATE TABLE work_items (
	developer VARCHAR NOT NULL, 
	task VARCHAR NOT NULL, 
	activity VARCHAR NOT NULL, 
	estimate_minutes DOUBLE, 
	estimate_ai_minutes DOUBLE, 
	estimated_epoch BIGINT, 
	completed_epoch BIGINT, 
	assigned VARCHAR(10), 
	assigned_epoch BIGINT, 
	import_id VARCHAR(36), assistance_share DOUBLE, estimate_points DOUBLE, 
	CONSTRAINT pk_work_items PRIMARY KEY (developer, task, activity), 
	CONSTRAINT ck_work_items_assigned_known CHECK (assigned IN ('baseline', 'assistance'))
);
CREATE INDEX ix_entries_developer_task_activity ON entries (developer, task, activity);
CREATE INDEX ix_entries_developer_started_epoch ON entries (developer, started_epoch);
CREATE INDEX ix_changes_developer_table_name_row_key ON changes (developer, table_name, row_key);
CREATE INDEX ix_changes_developer_row_key ON changes (developer, row_key) WHERE "before" IS NOT NULL;
COMMIT;
