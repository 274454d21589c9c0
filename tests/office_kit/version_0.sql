-- The tables of a store as Sinkron made them before they bore a version: what offices of then hold.
create table penduduk (resident_id bigint primary key, nik varchar, nik_ktpel varchar, no_kk varchar,
  nama_lgkp varchar, jenis_klmin varchar, tmpt_lhr varchar, tgl_lhr date, gol_drh varchar, agama varchar, stat_kwn
  varchar, stat_hbkel varchar, pddk_akh varchar, jenis_pkrjn varchar, nik_ibu varchar, nama_lgkp_ibu varchar, nik_ayah
  varchar, nama_lgkp_ayah varchar, alamat varchar, no_rt varchar, no_rw varchar, no_prop varchar, no_kab varchar,
  no_kec varchar, no_kel varchar, kec_name varchar, kel_name varchar, stat_hidup varchar, flag_status varchar,
  status_dasar varchar, ektp_status varchar, no_akta_lhr varchar, no_akta_kwn varchar, tgl_kwn date, no_akta_crai
  varchar, tgl_crai date, tgl_entri date, tgl_ubah date, usulan varchar);
create table baselines (sha256 varchar primary key, name varchar, residents bigint);
create table files (agenda varchar, file_no integer, name varchar, sha256 varchar, layout varchar,
  received bigint, loaded bigint, rejected bigint, whole_families boolean, columns varchar[], primary key (agenda,
  file_no));
create table extract_rows (agenda varchar, row_id bigint, file_no integer, line_no bigint, nik varchar,
  nik_ktpel varchar, no_kk varchar, nama_lgkp varchar, jenis_klmin varchar, tmpt_lhr varchar, tgl_lhr date, gol_drh
  varchar, agama varchar, stat_kwn varchar, stat_hbkel varchar, pddk_akh varchar, jenis_pkrjn varchar, nik_ibu
  varchar, nama_lgkp_ibu varchar, nik_ayah varchar, nama_lgkp_ayah varchar, alamat varchar, no_rt varchar, no_rw
  varchar, no_prop varchar, no_kab varchar, no_kec varchar, no_kel varchar, kec_name varchar, kel_name varchar,
  stat_hidup varchar, flag_status varchar, status_dasar varchar, ektp_status varchar, no_akta_lhr varchar, no_akta_kwn
  varchar, tgl_kwn date, no_akta_crai varchar, tgl_crai date, tgl_entri date, tgl_ubah date, tgl_lhr_raw varchar,
  primary key (agenda, row_id));
create table rejects (agenda varchar, file_no integer, line_no bigint, reason varchar, text varchar);
create table findings (agenda varchar, row_id bigint, code varchar);
create table reference_lists (kind varchar, nik varchar, sha256 varchar, primary key (kind, nik));
create table root_causes (agenda varchar, row_id bigint, rank integer, element varchar, source varchar,
  value varchar, resolves varchar[], raises varchar[], primary key (agenda, row_id, rank));
create table identities (agenda varchar, row_id bigint, record_id varchar, resident_id bigint, basis
  varchar, primary key (agenda, row_id));
create table pairs (agenda varchar, left_id varchar, right_id varchar, weight double, probability
  double, band varchar, kind varchar, kind_probability double, guard varchar, reason varchar);
create table clusters (agenda varchar, record_id varchar, cluster_id varchar, survives boolean, basis
  varchar);
create table pair_reasons (agenda varchar, left_id varchar, right_id varchar, n integer, words varchar,
  bits double, agreement tinyint);
create table decisions (agenda varchar, row_id bigint, round integer, outcome varchar, element varchar,
  after varchar, element_2 varchar, after_2 varchar, kept varchar[], basis varchar, document varchar, number varchar,
  dated date, event varchar, until date, note varchar, primary key (agenda, row_id, round));
create table pair_answers (agenda varchar, round integer, left_id varchar, right_id varchar, verdict
  varchar, note varchar, primary key (agenda, round, left_id, right_id));
create table shown_pairs (agenda varchar, round integer, pair varchar, cells varchar[], primary key
  (agenda, round, pair));
create table shown_rows (agenda varchar, round integer, row_id bigint, outside boolean, primary key
  (agenda, round, row_id));
create table outcomes (agenda varchar, round integer, row_id bigint, resident_id bigint, outcome
  varchar, basis varchar, cause varchar, needs_person boolean, primary key (agenda, round, row_id));
create table changes (agenda varchar, round integer, row_id bigint, resident_id bigint, element varchar,
  before varchar, register_value varchar, after varchar, basis varchar, cause varchar, primary key (agenda, round,
  row_id, element));
create table history (agenda varchar, row_id bigint, resident_id bigint, element varchar, before
  varchar, register_before varchar, after varchar, basis varchar, cause varchar, written boolean, written_on date);
create table applied (agenda varchar primary key, round integer, digest varchar, written bigint,
  unchanged bigint, received bigint, written_on date, undoes varchar, n bigint);
create table conflicts (agenda varchar, round integer, row_id bigint, element varchar, primary key
  (agenda, round, row_id, element));
create table pair_decisions (agenda varchar, round integer, left_resident bigint, left_nik varchar,
  left_born date, right_resident bigint, right_nik varchar, right_born date, verdict varchar, by_hand boolean, kind
  varchar, facts varchar, role varchar, written_on date);
create table subjects (agenda varchar, row_id bigint, subject varchar, primary key (agenda, row_id));
create table finding_states (agenda varchar, subject varchar, code varchar, row_id bigint, label
  varchar, first_on date, since_on date, handled_by varchar, series varchar, no_kec varchar, no_kel varchar, primary
  key (agenda, subject, code));
create table duplicate_members (agenda varchar, case_no varchar, subject varchar, primary key (agenda,
  case_no, subject));
create table duplicate_events (agenda varchar, case_no varchar, event varchar, other varchar);
create table row_memory (agenda varchar, row_id bigint, subject varchar, outcome varchar, basis varchar,
  until date, elements varchar, codes varchar[], facts varchar, written_on date, primary key (agenda, row_id));
create table recalled (agenda varchar, round integer, row_id bigint, earlier varchar, earlier_row
  bigint, primary key (agenda, round, row_id));
create table steered (agenda varchar, left_id varchar, right_id varchar, earlier varchar, same boolean,
  dropped integer, primary key (agenda, left_id, right_id));
create table obstacles (agenda varchar, row_id bigint, obstacle varchar, primary key (agenda, row_id));
create table reopened (agenda varchar, row_id bigint, earlier varchar, verdict varchar, columns
  varchar[], difference varchar, primary key (agenda, row_id));
create table case_answers (agenda varchar, row_id bigint, case_agenda varchar, case_row bigint, answer
  varchar, outcome varchar, element varchar, after varchar, basis varchar, document varchar, number varchar, dated
  date, until date, note varchar, primary key (agenda, row_id));
create table steps (agenda varchar, step varchar, round integer, summary varchar, primary key (agenda,
  step, round));
create table marks (n bigint primary key, what varchar, hash varchar);
