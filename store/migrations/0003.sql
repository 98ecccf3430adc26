-- Form 3: which articles were read off pictures of scanned pages; editors and printed registers.
alter table articles add column read_by varchar;
alter table articles add column editor varchar;
alter table articles add column register struct(
    number varchar, issuer varchar, index varchar, signed date, in_force date, expires date,
    status varchar, validity varchar
);
