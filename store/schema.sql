-- The tables of bole. This file is the truth about them: every column has a comment with unit and
-- meaning. Days are days in China, instants are UTC, offsets count code points of articles.text.
-- No indexes: tables are written in batches, scanned by column, and their keys are kept by
-- store/database.py, which replaces rows in one transaction (tests/test_store.py proves it). Ids of
-- facts are kept unpacked: no two are alike, so packing them takes time and so does finding one.

create table schema_version (version integer not null);
comment on table schema_version is 'One row: which form the tables of this file have.';
comment on column schema_version.version is 'Number of the form; bole reads its own and no newer one.';

create table sources (
    id varchar not null,
    name varchar not null,
    url varchar not null,
    district varchar,
    level varchar not null,
    publisher varchar not null,
    lang varchar not null,
    enabled boolean not null
);
comment on table sources is 'The watchlist: one row per watched column, as of the last run.';
comment on column sources.id is 'Short name of the source, unique.';
comment on column sources.name is 'Name for readers.';
comment on column sources.url is 'First page of its list.';
comment on column sources.district is 'GB/T 2260 code of the district that it belongs to; null for the whole country or abroad.';
comment on column sources.level is 'national, province, city, county, zone or overseas.';
comment on column sources.publisher is 'official, media or repost.';
comment on column sources.lang is 'Language that its articles are in, as far as known.';
comment on column sources.enabled is 'Whether the daily run collects it; false also if it has left the watchlist.';

create table fetches (
    id bigint not null,
    url varchar not null,
    final_url varchar not null,
    source_id varchar not null,
    kind varchar not null,
    fetched timestamp not null,
    status integer,
    etag varchar,
    last_modified varchar,
    sha256 varchar,
    warc_file varchar,
    warc_offset bigint,
    items integer,
    problem varchar,
    detail varchar,
    list_title varchar,
    list_date date
);
comment on table fetches is 'What was asked for and what came, copied from the ledger of the crawl.';
comment on column fetches.id is 'Number in the ledger, unique, ascending.';
comment on column fetches.url is 'Address that was asked for.';
comment on column fetches.final_url is 'Canonical address that answered, after redirects.';
comment on column fetches.source_id is 'Source that led here: sources.id.';
comment on column fetches.kind is 'What was asked for: list, article, part (a further page of an article), attachment or robots.';
comment on column fetches.fetched is 'Instant of the answer, UTC.';
comment on column fetches.status is 'HTTP status; null if no answer came.';
comment on column fetches.etag is 'ETag header as received; null if none.';
comment on column fetches.last_modified is 'Last-Modified header as received; null if none.';
comment on column fetches.sha256 is 'Hex digest of the unpacked body; after a 304, or where only counters on the page differ, of the one known before; null if no page or document came.';
comment on column fetches.warc_file is 'Archive file that holds the body of sha256, whichever request brought it; null for lists and for what did not come.';
comment on column fetches.warc_offset is 'Byte offset of that record in warc_file; null where warc_file is.';
comment on column fetches.items is 'Rows that a list gave; null for articles.';
comment on column fetches.list_title is 'Headline printed in the row of the list that led here.';
comment on column fetches.list_date is 'Day printed in the row of the list that led here.';
comment on column fetches.problem is 'Kind of problem (not_found, forbidden ...); null if it went well.';
comment on column fetches.detail is 'One line about the problem; null if its kind says it all.';

create table pages_read (
    url varchar not null,
    sha256 varchar not null,
    reader_version varchar not null,
    article_id varchar
);
comment on table pages_read is 'Which content of each archived page was read last, and what came of it.';
comment on column pages_read.url is 'Address of the page, unique.';
comment on column pages_read.sha256 is 'Hex digest of the bytes that were read.';
comment on column pages_read.reader_version is 'Version of the rules that read it.';
comment on column pages_read.article_id is 'Article that it became: articles.id; null if it became none.';

create table articles (
    id varchar not null,
    url varchar,
    title varchar,
    text varchar not null using compression zstd,
    body_start integer not null,
    body_end integer not null,
    published date,
    published_from varchar,
    source varchar,
    publisher varchar,
    author varchar,
    publisher_code varchar,
    lang varchar not null,
    attachments struct(url varchar, name varchar)[] not null,
    fetched timestamp,
    sha256 varchar not null,
    text_sha256 varchar not null,
    reader_version varchar not null,
    first_seen date not null,
    district varchar,
    grade varchar not null,
    read_by varchar,
    editor varchar,
    register struct(
        number varchar,
        issuer varchar,
        index varchar,
        signed date,
        in_force date,
        expires date,
        status varchar,
        validity varchar
    )
);
comment on table articles is 'One row per article, verbatim as published.';
comment on column articles.id is 'Sixteen hex digits of the canonical address, or the name given to a file; unique.';
comment on column articles.url is 'Address it was read from; null for files.';
comment on column articles.title is 'Headline as printed, site suffix removed; null if none is printed.';
comment on column articles.text is 'What was published, one paragraph a line, script and noise untouched.';
comment on column articles.body_start is 'Offset in text of the first character of the article proper.';
comment on column articles.body_end is 'Offset in text behind the last character of the article proper.';
comment on column articles.published is 'Day of publication in China; null if the page does not tell.';
comment on column articles.published_from is 'Where the day was found: meta, jsonld, label, list, url, htmldate or footer.';
comment on column articles.source is 'Medium or office named as its source (来源), as printed.';
comment on column articles.publisher is 'Site that published the page, as printed.';
comment on column articles.author is 'Author or reporter, as printed.';
comment on column articles.publisher_code is 'GB/T 2260 code of the publisher, from a registry number on the page.';
comment on column articles.lang is 'Script and language: zh-Hans, zh-Hant, en or other.';
comment on column articles.attachments is 'Files that the page links to, in page order: url and printed name.';
comment on column articles.fetched is 'Instant of the fetch, UTC; null for files.';
comment on column articles.sha256 is 'Hex digest of the bytes that the article was read from.';
comment on column articles.text_sha256 is 'Hex digest of text in UTF-8.';
comment on column articles.reader_version is 'Version of the rules that read the article and its facts.';
comment on column articles.first_seen is 'Day in China on which bole first had it; never moves to a later day.';
comment on column articles.district is 'GB/T 2260 code of what the article is about; null for national or foreign news.';
comment on column articles.grade is 'Evidence grade: A policy document, B official news, C other media, D repost, machine translation or read off a scan.';
comment on column articles.read_by is 'What has read text off pictures: ocr; letters and digits may be wrong. Null if it was given as text.';
comment on column articles.editor is 'Editor who answers for the page (责任编辑), as printed.';
comment on column articles.register is 'Register printed above a policy document: number (文号), issuer, index (索引号), signed (成文日期), in_force (实施日期), expires (失效日期), status and validity (有效期) as printed; null without one.';

create table figures (
    fact_id varchar not null using compression uncompressed,
    article_id varchar not null,
    position integer not null,
    value decimal(38, 6) not null,
    value_max decimal(38, 6),
    unit varchar not null,
    qualifier varchar not null,
    counted varchar,
    role varchar not null,
    target varchar,
    per varchar,
    cumulative boolean not null,
    district varchar,
    policy varchar,
    policy_id varchar,
    benefit varchar,
    tier varchar,
    conditions varchar[] not null,
    "start" integer not null,
    "end" integer not null,
    quote varchar not null,
    in_district varchar,
    repeats varchar
);
comment on table figures is 'One row per quantity that an article states.';
comment on column figures.fact_id is 'Twelve hex digits of article, kind and span; unique.';
comment on column figures.article_id is 'Article that states it: articles.id.';
comment on column figures.position is 'Place among the figures of its article, from 0.';
comment on column figures.value is 'Amount in unit, scale words resolved; the lower end of a range.';
comment on column figures.value_max is 'Upper end of a range, in unit; null if it is none.';
comment on column figures.unit is 'ISO 4217 code, person, percent, m2, mu, km2, rank, year, month, week, day, hour, ratio, count or SI symbol.';
comment on column figures.qualifier is 'exact, approx, nearly, more_than, at_least or up_to.';
comment on column figures.counted is 'Noun that is counted, in the text''s words; for money what the money is.';
comment on column figures.role is 'support, fund, investment, talent, project, enterprise, platform, policy, event, award, space, growth, rank or other.';
comment on column figures.target is 'Who gets it, in the text''s words; only for role support.';
comment on column figures.per is 'Rate: month, person, person/month, unit ...; null if it is none.';
comment on column figures.cumulative is 'Whether the text says so far (累计, 已, 至今).';
comment on column figures.district is 'GB/T 2260 code of the district whose figure it is; null if unknown or foreign.';
comment on column figures.policy is 'Name of the policy that grants it, as in policy_mentions.name.';
comment on column figures.policy_id is 'That policy: policies.id; null if the article does not mention it by this name.';
comment on column figures.benefit is 'What a support is for: project_funding, settling_in, rent ...';
comment on column figures.tier is 'Who a support is for, as a class: top, leading, team, firm ...';
comment on column figures.conditions is 'What the receiver must meet, in the text''s words; empty if nothing is said.';
comment on column figures."start" is 'Offset in articles.text of the first character of quote.';
comment on column figures."end" is 'Offset in articles.text behind the last character of quote.';
comment on column figures.quote is 'The words that state it, verbatim.';
comment on column figures.in_district is 'GB/T 2260 code that it counts under: its own district, else that of its policy, else that of its article.';
comment on column figures.repeats is 'The same figure in a better article of the same story: figures.fact_id; null if this one is the first.';

create table policy_mentions (
    fact_id varchar not null using compression uncompressed,
    article_id varchar not null,
    position integer not null,
    policy_id varchar not null,
    name varchar not null,
    kind varchar not null,
    action varchar not null,
    doc_number varchar,
    issuer varchar,
    district varchar,
    issued varchar,
    valid_from varchar,
    valid_to varchar,
    trial boolean not null,
    "start" integer not null,
    "end" integer not null,
    quote varchar not null,
    family varchar
);
comment on table policy_mentions is 'One row per policy and article that names it, at the first mention.';
comment on column policy_mentions.fact_id is 'Twelve hex digits of article, kind and span; unique.';
comment on column policy_mentions.article_id is 'Article that names it: articles.id.';
comment on column policy_mentions.position is 'Place among the policies of its article, from 0.';
comment on column policy_mentions.policy_id is 'The policy: policies.id.';
comment on column policy_mentions.name is 'Clean simplified name without 《》.';
comment on column policy_mentions.kind is 'document, programme, system, fund, instrument or strategy.';
comment on column policy_mentions.action is 'issued, planned, revised, implemented, repealed, solicited or mentioned.';
comment on column policy_mentions.doc_number is 'Document number as printed; null if the article gives none.';
comment on column policy_mentions.issuer is 'Who issued, set up, plans or owns it, in the text''s words.';
comment on column policy_mentions.district is 'GB/T 2260 code of the issuer''s district; null if unknown.';
comment on column policy_mentions.issued is 'Day of issue as far as stated: 2023, 2023-05 or 2023-05-20.';
comment on column policy_mentions.valid_from is 'First day in force, as far as stated.';
comment on column policy_mentions.valid_to is 'Last day in force, as far as stated.';
comment on column policy_mentions.trial is 'Whether it is on trial (试行, 暂行).';
comment on column policy_mentions."start" is 'Offset in articles.text of the first character of quote.';
comment on column policy_mentions."end" is 'Offset in articles.text behind the last character of quote.';
comment on column policy_mentions.quote is 'The words that name it, verbatim, without 《》.';
comment on column policy_mentions.family is 'name without what tells its versions apart: year, 修订, 试行 ...';

create table policies (
    id varchar not null,
    name varchar not null,
    district varchar,
    kind varchar not null,
    doc_number varchar,
    issuer varchar,
    issued varchar,
    valid_from varchar,
    valid_to varchar,
    trial boolean not null,
    article_id varchar not null,
    mentions integer not null,
    first_seen date not null,
    family varchar
);
comment on table policies is 'One row per distinct policy, made of its mentions; the best evidence grade wins, then the earlier day.';
comment on column policies.id is 'Twelve hex digits of name and issuer''s district; unique.';
comment on column policies.name is 'Clean simplified name without 《》.';
comment on column policies.district is 'GB/T 2260 code of the issuer''s district; null if unknown.';
comment on column policies.kind is 'document, programme, system, fund, instrument or strategy.';
comment on column policies.doc_number is 'Document number as printed; null if no article gives it.';
comment on column policies.issuer is 'Who issued, set up, plans or owns it, in the text''s words.';
comment on column policies.issued is 'Day of issue as far as stated: 2023, 2023-05 or 2023-05-20.';
comment on column policies.valid_from is 'First day in force, as far as stated.';
comment on column policies.valid_to is 'Last day in force, as far as stated.';
comment on column policies.trial is 'Whether any article says that it is on trial.';
comment on column policies.article_id is 'Article of the best mention: articles.id.';
comment on column policies.mentions is 'How many articles name it.';
comment on column policies.first_seen is 'Day in China on which bole first read of it.';
comment on column policies.family is 'name without what tells its versions apart: year, 修订, 试行 ...';

create table places (
    fact_id varchar not null using compression uncompressed,
    article_id varchar not null,
    position integer not null,
    code varchar,
    name varchar not null,
    candidates varchar[] not null,
    role varchar not null,
    "start" integer not null,
    "end" integer not null,
    quote varchar not null
);
comment on table places is 'One row per district or zone that an article mentions.';
comment on column places.fact_id is 'Twelve hex digits of article, kind and span; unique.';
comment on column places.article_id is 'Article that mentions it: articles.id.';
comment on column places.position is 'Place among the places of its article, from 0.';
comment on column places.code is 'GB/T 2260 code; null while candidates could not be settled.';
comment on column places.name is 'Full official name of code, or the words of the text if unsettled.';
comment on column places.candidates is 'Every code that the words can mean, ascending.';
comment on column places.role is 'subject (the article''s own district) or mention.';
comment on column places."start" is 'Offset in articles.text of the first character of quote.';
comment on column places."end" is 'Offset in articles.text behind the last character of quote.';
comment on column places.quote is 'The words, verbatim.';

create table names (
    fact_id varchar not null using compression uncompressed,
    article_id varchar not null,
    position integer not null,
    text varchar not null,
    label varchar not null,
    title varchar,
    "start" integer not null,
    "end" integer not null,
    quote varchar not null
);
comment on table names is 'One row per organization or person that an article names, at the first mention.';
comment on column names.fact_id is 'Twelve hex digits of article, kind and span; unique.';
comment on column names.article_id is 'Article that names it: articles.id.';
comment on column names.position is 'Place among the names of its article, from 0.';
comment on column names.text is 'Name as it is compared: simplified, noise removed.';
comment on column names.label is 'ORG or PERSON.';
comment on column names.title is 'Office or rank of a person, in the text''s words.';
comment on column names."start" is 'Offset in articles.text of the first character of quote.';
comment on column names."end" is 'Offset in articles.text behind the last character of quote.';
comment on column names.quote is 'The words, verbatim.';

create table districts (
    code varchar not null,
    name varchar not null,
    parent varchar,
    level varchar not null,
    short varchar not null,
    is_word boolean not null,
    pinyin varchar not null,
    english varchar not null,
    valid_from integer,
    valid_to integer,
    successor varchar
);
comment on table districts is 'Districts of China to county level, with former ones; reference data of bole.';
comment on column districts.code is 'GB/T 2260 code, six digits; unique among those in force.';
comment on column districts.name is 'Full official name.';
comment on column districts.parent is 'Code of the district above; null for provinces.';
comment on column districts.level is 'province, city or county.';
comment on column districts.short is 'Name without its class word (徐州 for 徐州市).';
comment on column districts.is_word is 'Whether short is also an ordinary word (合作).';
comment on column districts.pinyin is 'short in pinyin, without tones and blanks.';
comment on column districts.english is 'English name with its type.';
comment on column districts.valid_from is 'Year since which it is so; null if since before 1981.';
comment on column districts.valid_to is 'Year in which it ended; null if it is in force.';
comment on column districts.successor is 'Code of the district that took its place; null if it is in force.';

create table zones (
    name varchar not null,
    code varchar,
    city varchar not null,
    hosts varchar[] not null,
    same_as varchar,
    district varchar not null,
    aliases varchar[] not null,
    english varchar[] not null
);
comment on table zones is 'Development zones and new areas; reference data of bole.';
comment on column zones.name is 'As it is usually written (苏州高新区), unique.';
comment on column zones.code is 'Its own statistical code; null if it has none.';
comment on column zones.city is 'GB/T 2260 code of the city or province that runs it.';
comment on column zones.hosts is 'Codes of the districts on whose land it lies.';
comment on column zones.same_as is 'Code of the district with which it is one administration; null if there is none.';
comment on column zones.district is 'Code that its facts are counted under: same_as, else city.';
comment on column zones.aliases is 'Other Chinese names.';
comment on column zones.english is 'English names.';

create table stories (
    id varchar not null,
    article_id varchar not null,
    reports integer not null,
    first_seen date not null
);
comment on table stories is 'One row per event or policy that articles tell, reposts and translations merged.';
comment on column stories.id is 'Sixteen hex digits; stays the same as reports arrive on later days.';
comment on column stories.article_id is 'Canonical article, of the best evidence grade: articles.id.';
comment on column stories.reports is 'How many articles tell it.';
comment on column stories.first_seen is 'Day in China on which bole had the first of them.';

create table story_articles (
    story_id varchar not null,
    article_id varchar not null,
    position integer not null
);
comment on table story_articles is 'Which articles tell which story; an article tells one.';
comment on column story_articles.story_id is 'The story: stories.id.';
comment on column story_articles.article_id is 'The article: articles.id, unique.';
comment on column story_articles.position is 'Place in the story, from 0, the canonical article.';

create table digests (
    day date not null,
    number_in_year integer not null,
    number_in_all integer not null,
    health varchar not null
);
comment on table digests is 'One row per issue of the digest.';
comment on column digests.day is 'Day of the issue in China, unique.';
comment on column digests.number_in_year is 'Number of the issue within its year, from 1.';
comment on column digests.number_in_all is 'Number of the issue in all, from 1.';
comment on column digests.health is 'How the sources stood, as the issue prints it: JSON rows of source_id, name, pages, articles, problems, enabled.';

create table digest_items (
    day date not null,
    position integer not null,
    section varchar not null,
    story_id varchar,
    fact_ids varchar[] not null
);
comment on table digest_items is 'What each issue told.';
comment on column digest_items.day is 'The issue: digests.day.';
comment on column digest_items.position is 'Place of the item in the issue, from 0.';
comment on column digest_items.section is 'Section of the issue that it stands in.';
comment on column digest_items.story_id is 'Story that it tells: stories.id; null if it tells none.';
comment on column digest_items.fact_ids is 'Facts that it told: fact_id of figures, policy_mentions, places or names.';

create table corrections (
    article_id varchar not null,
    kind varchar not null,
    "start" integer not null,
    "end" integer not null,
    quote varchar not null,
    verdict varchar not null,
    fields varchar,
    reviewer varchar,
    decided timestamp not null
);
comment on table corrections is 'What a person decided about facts; it goes over what is read, each time an article is written.';
comment on column corrections.article_id is 'Article that it is about: articles.id; unique with kind and start.';
comment on column corrections.kind is 'figure or policy.';
comment on column corrections."start" is 'Offset in articles.text of the first character of quote, when it was decided.';
comment on column corrections."end" is 'Offset in articles.text behind the last character of quote, when it was decided.';
comment on column corrections.quote is 'The words that it is about, verbatim.';
comment on column corrections.verdict is 'right (there is this fact, with these fields) or wrong (there is none).';
comment on column corrections.fields is 'JSON object of the fields of the fact; null if it is wrong.';
comment on column corrections.reviewer is 'Who decided; null if nobody is named.';
comment on column corrections.decided is 'Instant at which it was imported, UTC.';

create table failures (
    stage varchar not null,
    subject varchar not null,
    kind varchar not null,
    message varchar not null,
    since timestamp not null
);
comment on table failures is 'What could not be done; a row goes when it went well later.';
comment on column failures.stage is 'Step that failed: read, store ...; unique with subject.';
comment on column failures.subject is 'What it failed on: address of a page, id of an article or source.';
comment on column failures.kind is 'Class of the failure, a word.';
comment on column failures.message is 'One line that names the thing, the value and the cure.';
comment on column failures.since is 'Instant at which it first failed so, UTC.';

create table runs (
    id bigint not null,
    command varchar not null,
    day date,
    started timestamp not null,
    finished timestamp,
    outcome varchar
);
comment on table runs is 'One row per run that writes; a run without end was killed or is under way.';
comment on column runs.id is 'Number of the run, unique, ascending.';
comment on column runs.command is 'Command that ran.';
comment on column runs.day is 'Day in China that it ran for; null if for none.';
comment on column runs.started is 'Instant of its start, UTC.';
comment on column runs.finished is 'Instant of its end, UTC; null if it has not ended.';
comment on column runs.outcome is 'done, partly or failed; null if it has not ended.';

-- VIEWS: what follows holds no rows; a migration makes it anew

-- whether `code` is `parent` or lies in it: 320322 and 320300 in 320000
create or replace macro lies_in(code, parent) as
    -- a range, so that parts of a table that lie outside are not read
    code between regexp_replace(parent, '(00){1,2}$', '')
        and regexp_replace(parent, '(00){1,2}$', '') || '~';

-- last day of a date as far as stated: 2027 -> 2027-12-31, 2027-05 -> 2027-05-31
create or replace macro last_day_of(stated) as case length(stated)
    when 4 then make_date(stated::integer, 12, 31)
    when 7 then last_day((stated || '-01')::date)
    else try_cast(stated as date)
end;

create view cited_figures as
select
    f.*,
    d.name as district_name,
    a.grade,
    a.published,
    a.first_seen,
    a.url,
    a.title,
    a.source,
    a.publisher,
    coalesce(s.story_id, f.article_id) as story
from figures f
join articles a on a.id = f.article_id
left join districts d on d.code = f.in_district and d.valid_to is null
left join story_articles s on s.article_id = f.article_id;
comment on view cited_figures is 'Figures with the article that states each; in a large snapshot they lie by role and district.';
comment on column cited_figures.fact_id is 'Twelve hex digits of article, kind and span; unique.';
comment on column cited_figures.article_id is 'Article that states it: articles.id.';
comment on column cited_figures.position is 'Place among the figures of its article, from 0.';
comment on column cited_figures.value is 'Amount in unit, scale words resolved; the lower end of a range.';
comment on column cited_figures.value_max is 'Upper end of a range, in unit; null if it is none.';
comment on column cited_figures.unit is 'ISO 4217 code, person, percent, m2, mu, km2, rank, year, month, week, day, hour, ratio, count or SI symbol.';
comment on column cited_figures.qualifier is 'exact, approx, nearly, more_than, at_least or up_to.';
comment on column cited_figures.counted is 'Noun that is counted, in the text''s words; for money what the money is.';
comment on column cited_figures.role is 'support, fund, investment, talent, project, enterprise, platform, policy, event, award, space, growth, rank or other.';
comment on column cited_figures.target is 'Who gets it, in the text''s words; only for role support.';
comment on column cited_figures.per is 'Rate: month, person, person/month, unit ...; null if it is none.';
comment on column cited_figures.cumulative is 'Whether the text says so far (累计, 已, 至今).';
comment on column cited_figures.district is 'GB/T 2260 code of the district whose figure it is; null if unknown or foreign.';
comment on column cited_figures.policy is 'Name of the policy that grants it, as in policy_mentions.name.';
comment on column cited_figures.policy_id is 'That policy: policies.id; null if the article does not mention it by this name.';
comment on column cited_figures.benefit is 'What a support is for: project_funding, settling_in, rent ...';
comment on column cited_figures.tier is 'Who a support is for, as a class: top, leading, team, firm ...';
comment on column cited_figures.conditions is 'What the receiver must meet, in the text''s words; empty if nothing is said.';
comment on column cited_figures."start" is 'Offset in articles.text of the first character of quote.';
comment on column cited_figures."end" is 'Offset in articles.text behind the last character of quote.';
comment on column cited_figures.quote is 'The words that state it, verbatim.';
comment on column cited_figures.in_district is 'GB/T 2260 code that it counts under: its own district, else that of its policy, else that of its article.';
comment on column cited_figures.repeats is 'The same figure in a better article of the same story: figures.fact_id; null if this one is the first.';
comment on column cited_figures.district_name is 'Full official name of in_district.';
comment on column cited_figures.grade is 'Evidence grade of the article, A to D.';
comment on column cited_figures.published is 'Day of publication in China; null if the page does not tell.';
comment on column cited_figures.first_seen is 'Day in China on which bole first had the article.';
comment on column cited_figures.url is 'Address of the article.';
comment on column cited_figures.title is 'Headline of the article.';
comment on column cited_figures.source is 'Medium or office named as source of the article, as printed.';
comment on column cited_figures.publisher is 'Site that published the article, as printed.';
comment on column cited_figures.story is 'The story that the article tells: stories.id; the article where it tells none.';

create view all_measures as
select
    fact_id,
    in_district as district,
    district_name,
    policy,
    policy_id,
    target,
    tier,
    benefit,
    value as amount,
    value_max as amount_max,
    unit,
    qualifier,
    per,
    cumulative,
    conditions,
    grade,
    published,
    first_seen,
    article_id,
    url,
    title,
    quote,
    repeats
from cited_figures
where role = 'support';
comment on view all_measures is 'What is offered to talents, teams and firms: as measures, and what reposts repeat.';
comment on column all_measures.fact_id is 'The figure: figures.fact_id, unique.';
comment on column all_measures.district is 'GB/T 2260 code: of the figure, else of its policy, else of the article; null if none is known.';
comment on column all_measures.district_name is 'Full official name of district.';
comment on column all_measures.policy is 'Name of the policy that grants it; null if the article names none.';
comment on column all_measures.policy_id is 'That policy: policies.id.';
comment on column all_measures.target is 'Who gets it, in the text''s words.';
comment on column all_measures.tier is 'Who gets it, as a class: top, leading, team, firm ...';
comment on column all_measures.benefit is 'What it is for: project_funding, settling_in, rent ...';
comment on column all_measures.amount is 'Amount in unit; the lower end of a range.';
comment on column all_measures.amount_max is 'Upper end of a range, in unit; null if it is none.';
comment on column all_measures.unit is 'ISO 4217 code for money, percent, m2 ... as in figures.unit.';
comment on column all_measures.qualifier is 'exact, approx, nearly, more_than, at_least or up_to.';
comment on column all_measures.per is 'Rate: month, person, person/month, unit ...; null if it is none.';
comment on column all_measures.cumulative is 'Whether the text says so far (累计, 已): paid, not promised.';
comment on column all_measures.conditions is 'What the receiver must meet, in the text''s words.';
comment on column all_measures.grade is 'Evidence grade of the article, A to D.';
comment on column all_measures.published is 'Day of publication in China; null if the page does not tell.';
comment on column all_measures.first_seen is 'Day in China on which bole first had the article.';
comment on column all_measures.article_id is 'Article that states it: articles.id.';
comment on column all_measures.url is 'Address of the article.';
comment on column all_measures.title is 'Headline of the article.';
comment on column all_measures.quote is 'The words that state it, verbatim.';
comment on column all_measures.repeats is 'The same measure in a better article of the same story: fact_id; null if this one is the first.';

create view measures as
select * exclude (repeats)
from all_measures
where repeats is null;
comment on view measures is 'What is offered to talents, teams and firms: one row per figure with role support, reposts of one story counted once.';
comment on column measures.fact_id is 'The figure: figures.fact_id, unique.';
comment on column measures.district is 'GB/T 2260 code: of the figure, else of its policy, else of the article; null if none is known.';
comment on column measures.district_name is 'Full official name of district.';
comment on column measures.policy is 'Name of the policy that grants it; null if the article names none.';
comment on column measures.policy_id is 'That policy: policies.id.';
comment on column measures.target is 'Who gets it, in the text''s words.';
comment on column measures.tier is 'Who gets it, as a class: top, leading, team, firm ...';
comment on column measures.benefit is 'What it is for: project_funding, settling_in, rent ...';
comment on column measures.amount is 'Amount in unit; the lower end of a range.';
comment on column measures.amount_max is 'Upper end of a range, in unit; null if it is none.';
comment on column measures.unit is 'ISO 4217 code for money, percent, m2 ... as in figures.unit.';
comment on column measures.qualifier is 'exact, approx, nearly, more_than, at_least or up_to.';
comment on column measures.per is 'Rate: month, person, person/month, unit ...; null if it is none.';
comment on column measures.cumulative is 'Whether the text says so far (累计, 已): paid, not promised.';
comment on column measures.conditions is 'What the receiver must meet, in the text''s words.';
comment on column measures.grade is 'Evidence grade of the article, A to D.';
comment on column measures.published is 'Day of publication in China; null if the page does not tell.';
comment on column measures.first_seen is 'Day in China on which bole first had the article.';
comment on column measures.article_id is 'Article that states it: articles.id.';
comment on column measures.url is 'Address of the article.';
comment on column measures.title is 'Headline of the article.';
comment on column measures.quote is 'The words that state it, verbatim.';

create view measures_by_target as
select * from measures;
comment on view measures_by_target is 'The rows of measures; in a large snapshot they lie by target.';
comment on column measures_by_target.fact_id is 'The figure: figures.fact_id, unique.';
comment on column measures_by_target.district is 'GB/T 2260 code: of the figure, else of its policy, else of the article; null if none is known.';
comment on column measures_by_target.district_name is 'Full official name of district.';
comment on column measures_by_target.policy is 'Name of the policy that grants it; null if the article names none.';
comment on column measures_by_target.policy_id is 'That policy: policies.id.';
comment on column measures_by_target.target is 'Who gets it, in the text''s words.';
comment on column measures_by_target.tier is 'Who gets it, as a class: top, leading, team, firm ...';
comment on column measures_by_target.benefit is 'What it is for: project_funding, settling_in, rent ...';
comment on column measures_by_target.amount is 'Amount in unit; the lower end of a range.';
comment on column measures_by_target.amount_max is 'Upper end of a range, in unit; null if it is none.';
comment on column measures_by_target.unit is 'ISO 4217 code for money, percent, m2 ... as in figures.unit.';
comment on column measures_by_target.qualifier is 'exact, approx, nearly, more_than, at_least or up_to.';
comment on column measures_by_target.per is 'Rate: month, person, person/month, unit ...; null if it is none.';
comment on column measures_by_target.cumulative is 'Whether the text says so far (累计, 已): paid, not promised.';
comment on column measures_by_target.conditions is 'What the receiver must meet, in the text''s words.';
comment on column measures_by_target.grade is 'Evidence grade of the article, A to D.';
comment on column measures_by_target.published is 'Day of publication in China; null if the page does not tell.';
comment on column measures_by_target.first_seen is 'Day in China on which bole first had the article.';
comment on column measures_by_target.article_id is 'Article that states it: articles.id.';
comment on column measures_by_target.url is 'Address of the article.';
comment on column measures_by_target.title is 'Headline of the article.';
comment on column measures_by_target.quote is 'The words that state it, verbatim.';

create view highest_measures as
with best as (
    select arg_max(fact_id, (coalesce(amount_max, amount), fact_id)) as fact_id
    from measures
    where unit = 'CNY'
    group by tier, district
)
select m.*
from measures m
where m.fact_id in (select fact_id from best);
comment on view highest_measures is 'Of each district and tier the measure of the highest amount in CNY.';
comment on column highest_measures.fact_id is 'The figure: figures.fact_id, unique.';
comment on column highest_measures.district is 'GB/T 2260 code: of the figure, else of its policy, else of the article; null if none is known.';
comment on column highest_measures.district_name is 'Full official name of district.';
comment on column highest_measures.policy is 'Name of the policy that grants it; null if the article names none.';
comment on column highest_measures.policy_id is 'That policy: policies.id.';
comment on column highest_measures.target is 'Who gets it, in the text''s words.';
comment on column highest_measures.tier is 'Who gets it, as a class: top, leading, team, firm ...';
comment on column highest_measures.benefit is 'What it is for: project_funding, settling_in, rent ...';
comment on column highest_measures.amount is 'Amount in unit; the lower end of a range.';
comment on column highest_measures.amount_max is 'Upper end of a range, in unit; null if it is none.';
comment on column highest_measures.unit is 'ISO 4217 code for money, percent, m2 ... as in figures.unit.';
comment on column highest_measures.qualifier is 'exact, approx, nearly, more_than, at_least or up_to.';
comment on column highest_measures.per is 'Rate: month, person, person/month, unit ...; null if it is none.';
comment on column highest_measures.cumulative is 'Whether the text says so far (累计, 已): paid, not promised.';
comment on column highest_measures.conditions is 'What the receiver must meet, in the text''s words.';
comment on column highest_measures.grade is 'Evidence grade of the article, A to D.';
comment on column highest_measures.published is 'Day of publication in China; null if the page does not tell.';
comment on column highest_measures.first_seen is 'Day in China on which bole first had the article.';
comment on column highest_measures.article_id is 'Article that states it: articles.id.';
comment on column highest_measures.url is 'Address of the article.';
comment on column highest_measures.title is 'Headline of the article.';
comment on column highest_measures.quote is 'The words that state it, verbatim.';

create view targets as
select target, count(*) as measures, count(distinct district) as districts
from measures
where target is not null
group by target;
comment on view targets is 'Who gets measures, in the words of the texts.';
comment on column targets.target is 'Who gets it, in the text''s words; unique.';
comment on column targets.measures is 'How many measures it gets.';
comment on column targets.districts is 'How many districts offer it one.';

create view offers as
select
    fact_id,
    in_district as district,
    policy,
    target,
    tier,
    benefit,
    value as amount,
    value_max as amount_max,
    unit,
    qualifier,
    per,
    cumulative,
    grade,
    coalesce(published, first_seen) as day,
    url,
    title,
    article_id,
    quote,
    story
from cited_figures
where role = 'support' and repeats is null;
comment on view offers is 'The rows of measures as districts are compared by; in a large snapshot they lie by benefit and district.';
comment on column offers.fact_id is 'The figure: figures.fact_id, unique.';
comment on column offers.district is 'GB/T 2260 code: of the figure, else of its policy, else of the article; null if none is known.';
comment on column offers.policy is 'Name of the policy that grants it; null if the article names none.';
comment on column offers.target is 'Who gets it, in the text''s words.';
comment on column offers.tier is 'Who gets it, as a class: top, leading, team, firm ...';
comment on column offers.benefit is 'What it is for: project_funding, settling_in, rent ...';
comment on column offers.amount is 'Amount in unit; the lower end of a range.';
comment on column offers.amount_max is 'Upper end of a range, in unit; null if it is none.';
comment on column offers.unit is 'ISO 4217 code for money, percent, m2 ... as in figures.unit.';
comment on column offers.qualifier is 'exact, approx, nearly, more_than, at_least or up_to.';
comment on column offers.per is 'Rate: month, person, person/month, unit ...; null if it is none.';
comment on column offers.cumulative is 'Whether the text says so far (累计, 已): paid, not promised.';
comment on column offers.grade is 'Evidence grade of the article, A to D.';
comment on column offers.day is 'Day of publication, else of first sight.';
comment on column offers.url is 'Address of the article.';
comment on column offers.title is 'Headline of the article.';
comment on column offers.article_id is 'Article that states it: articles.id.';
comment on column offers.quote is 'The words that state it, verbatim.';
comment on column offers.story is 'The story that the article tells: stories.id; the article where it tells none.';

create view granting_policies as
select policy, policy_id, district, count(*) as measures
from measures
where policy is not null
group by policy, policy_id, district;
comment on view granting_policies is 'Policies that grant measures, and the districts that these count under.';
comment on column granting_policies.policy is 'Name of the policy.';
comment on column granting_policies.policy_id is 'That policy: policies.id; null if the article does not mention it by this name.';
comment on column granting_policies.district is 'GB/T 2260 code of measures.district; null if none is known.';
comment on column granting_policies.measures is 'How many measures it grants there.';

create view support_amounts as
select
    benefit,
    tier,
    per,
    count(*) as offers,
    count(distinct in_district) as districts,
    median(coalesce(value_max, value)) as median_amount,
    max(coalesce(value_max, value)) as highest_amount
from cited_figures
where role = 'support' and repeats is null and unit = 'CNY'
group by benefit, tier, per;
comment on view support_amounts is 'How large support in money is in the whole country, by benefit, tier and rate.';
comment on column support_amounts.benefit is 'What it is for: project_funding, settling_in, rent ...';
comment on column support_amounts.tier is 'Who gets it, as a class: top, leading, team, firm ...';
comment on column support_amounts.per is 'Rate: month, person, person/month, unit ...; null if it is none.';
comment on column support_amounts.offers is 'How many measures there are.';
comment on column support_amounts.districts is 'How many districts offer them.';
comment on column support_amounts.median_amount is 'Median in CNY, of ranges the upper end.';
comment on column support_amounts.highest_amount is 'Largest in CNY, of ranges the upper end.';

create view latest_policies as
select
    p.id,
    p.name,
    p.district,
    d.name as district_name,
    p.kind,
    p.doc_number,
    p.issuer,
    m.action,
    p.issued,
    p.valid_from,
    p.valid_to,
    p.trial,
    a.grade,
    a.published,
    a.first_seen,
    a.url,
    a.title,
    m.quote
from policies p
join policy_mentions m on m.policy_id = p.id
join articles a on a.id = m.article_id
left join districts d on d.code = p.district and d.valid_to is null
where m.action <> 'mentioned'
qualify row_number() over (
    partition by p.id
    order by coalesce(a.published, a.first_seen) desc, a.grade, a.id, m.position
) = 1;
comment on view latest_policies is 'The latest news of each policy on which something was done, not only mentioned.';
comment on column latest_policies.id is 'The policy: policies.id, unique.';
comment on column latest_policies.name is 'Clean simplified name without 《》.';
comment on column latest_policies.district is 'GB/T 2260 code of the issuer''s district; null if unknown.';
comment on column latest_policies.district_name is 'Full official name of district.';
comment on column latest_policies.kind is 'document, programme, system, fund, instrument or strategy.';
comment on column latest_policies.doc_number is 'Document number as printed; null if no article gives it.';
comment on column latest_policies.issuer is 'Who issued, set up, plans or owns it, in the text''s words.';
comment on column latest_policies.action is 'What was done last: issued, planned, revised, implemented, repealed or solicited.';
comment on column latest_policies.issued is 'Day of issue as far as stated: 2023, 2023-05 or 2023-05-20.';
comment on column latest_policies.valid_from is 'First day in force, as far as stated.';
comment on column latest_policies.valid_to is 'Last day in force, as far as stated.';
comment on column latest_policies.trial is 'Whether any article says that it is on trial.';
comment on column latest_policies.grade is 'Evidence grade of the latest article, A to D.';
comment on column latest_policies.published is 'Day of publication of the latest article; null if the page does not tell.';
comment on column latest_policies.first_seen is 'Day in China on which bole first had the latest article.';
comment on column latest_policies.url is 'Address of the latest article.';
comment on column latest_policies.title is 'Headline of the latest article.';
comment on column latest_policies.quote is 'The words that name the policy there, verbatim.';

create view district_summary as
with told as (
    select district, count(*) as articles, max(coalesce(published, first_seen)) as latest
    from articles
    group by district
),
offered as (
    select
        district,
        count(*) as measures,
        max(coalesce(amount_max, amount)) filter (unit = 'CNY') as highest_support
    from measures
    group by district
),
ruled as (
    select district, count(*) as policies from latest_policies group by district
),
known as (
    select district from told
    union
    select district from offered
    union
    select district from ruled
)
select
    k.district,
    d.name as district_name,
    coalesce(t.articles, 0) as articles,
    coalesce(r.policies, 0) as policies,
    coalesce(o.measures, 0) as measures,
    o.highest_support,
    t.latest
from known k
left join told t on t.district = k.district
left join offered o on o.district = k.district
left join ruled r on r.district = k.district
left join districts d on d.code = k.district and d.valid_to is null
where k.district is not null;
comment on view district_summary is 'What is known of each district that any article or fact belongs to.';
comment on column district_summary.district is 'GB/T 2260 code, unique.';
comment on column district_summary.district_name is 'Full official name of district.';
comment on column district_summary.articles is 'How many articles are about it.';
comment on column district_summary.policies is 'How many of its policies were issued, planned, changed or carried out.';
comment on column district_summary.measures is 'How many measures it offers.';
comment on column district_summary.highest_support is 'Largest support that it offers, in CNY; null if it offers none in money.';
comment on column district_summary.latest is 'Day of the latest article about it: of publication, else of first sight.';

create view attachments as
with linked as (
    select
        id as article_id,
        url as page_url,
        title as page_title,
        unnest(attachments) as file
    from articles
),
asked as (
    select
        url,
        arg_max(final_url, id) as final_url,
        arg_max(problem, id) as problem,
        arg_max(sha256, id) filter (sha256 is not null) as sha256,
        max(fetched) filter (sha256 is not null) as fetched
    from fetches
    where kind = 'attachment'
    group by url
),
trouble as (
    select subject, min(kind) as kind from failures where stage = 'read' group by subject
)
select
    l.article_id,
    l.page_url,
    l.page_title,
    l.file.url as url,
    l.file.name as name,
    f.sha256,
    f.fetched,
    case
        when f.url is null then 'not_fetched'
        when f.sha256 is null then coalesce(f.problem, 'not_fetched')
        when t.kind is not null then t.kind
        when d.id is not null then 'read'
        else 'waiting'
    end as state,
    d.id as document_id
from linked l
left join asked f on f.url = split_part(l.file.url, '#', 1)
left join articles d on d.url = f.final_url
left join trouble t on t.subject = f.final_url;
comment on view attachments is 'Documents that pages link to, and what came of each.';
comment on column attachments.article_id is 'Article that links to it: articles.id.';
comment on column attachments.page_url is 'Address of that article.';
comment on column attachments.page_title is 'Headline of that article.';
comment on column attachments.url is 'Address of the document.';
comment on column attachments.name is 'Name printed on the link.';
comment on column attachments.sha256 is 'Hex digest of its bytes when it last came; null if it never did.';
comment on column attachments.fetched is 'Instant when it last came, or was said to be unchanged, UTC.';
comment on column attachments.state is 'read, waiting (for the next run), not_fetched, or why it was not had or read: not_found, needs_ocr (a scan), unread_format (old DOC, XLS, WPS) ...';
comment on column attachments.document_id is 'Article that it was read as: articles.id; null if it was not read.';

create view source_health as
with asked as (
    select *
    from fetches
    -- past the last page of a list a 404 is how a site says that there are no more
    where kind <> 'robots' and not (kind = 'list' and status = 404 and problem is null)
),
fetched as (
    select
        source_id,
        count(distinct final_url) filter (kind = 'article' and sha256 is not null) as pages,
        max(fetched) as last_fetched,
        count(*) filter (status = 200) as status_200,
        count(*) filter (status = 304) as status_304,
        count(*) filter (status in (404, 410)) as status_404,
        count(*) filter (status between 400 and 499 and status not in (404, 410)) as status_4xx,
        count(*) filter (status between 500 and 599) as status_5xx,
        count(*) filter (status is not null and status not in (200, 304) and status < 400)
            as status_other,
        -- left alone without being asked: its host rests
        count(*) filter (
            status is null and coalesce(problem, '') not in ('challenged', 'busy', 'not_asked')
        ) as no_answer
    from asked
    group by source_id
),
walked as (
    select s.id, max(f.id) as since
    from sources s
    join fetches f on f.source_id = s.id and f.kind = 'list' and f.url = s.url
    group by s.id
),
listed as (  -- an interface gives its rows after the column's own page was asked for
    select f.source_id, arg_min(f.items, f.id) filter (f.items is not null) as list_rows
    from fetches f
    join walked w on w.id = f.source_id and f.id >= w.since
    where f.kind = 'list'
    group by f.source_id
),
wrong as (
    select
        source_id,
        max(fetched) filter (problem = 'challenged' and status is not null) as last_challenge,
        count(*) as problems,
        arg_max(problem, id) as last_problem
    from fetches
    where problem is not null
    group by source_id
),
held as (
    select distinct f.source_id, a.id, a.first_seen, a.published
    from fetches f
    join pages_read p on p.url = f.final_url  -- bytes tell no page: two may hold the same
    join articles a on a.id = p.article_id
    where f.kind = 'article'
),
read as (
    select
        source_id,
        count(*) as articles,
        count(*) filter (published is null) as undated,
        max(first_seen) as last_new
    from held
    group by source_id
),
failed as (
    select f.source_id, count(distinct f.final_url) as unread
    from fetches f
    join failures r on r.stage = 'read' and r.subject = f.final_url
    where f.kind = 'article'
    group by f.source_id
)
select
    s.id,
    s.name,
    s.district,
    s.enabled,
    coalesce(f.pages, 0) as pages,
    coalesce(r.articles, 0) as articles,
    coalesce(u.unread, 0) as unread,
    coalesce(r.undated, 0) as undated,
    l.list_rows,
    r.last_new,
    date_diff(
        'day', r.last_new, cast((select max(fetched) from fetches) + interval 8 hour as date)
    ) as quiet_days,
    f.last_fetched,
    coalesce(f.status_200, 0) as status_200,
    coalesce(f.status_304, 0) as status_304,
    coalesce(f.status_404, 0) as status_404,
    coalesce(f.status_4xx, 0) as status_4xx,
    coalesce(f.status_5xx, 0) as status_5xx,
    coalesce(f.status_other, 0) as status_other,
    coalesce(f.no_answer, 0) as no_answer,
    w.last_challenge,
    coalesce(w.problems, 0) as problems,
    w.last_problem
from sources s
left join fetched f on f.source_id = s.id
left join listed l on l.source_id = s.id
left join wrong w on w.source_id = s.id
left join read r on r.source_id = s.id
left join failed u on u.source_id = s.id;
comment on view source_health is 'How each source stands, over all runs.';
comment on column source_health.id is 'The source: sources.id, unique.';
comment on column source_health.name is 'Name for readers.';
comment on column source_health.district is 'GB/T 2260 code of the district that it belongs to.';
comment on column source_health.enabled is 'Whether the daily run collects it.';
comment on column source_health.pages is 'How many different pages it has given.';
comment on column source_health.articles is 'How many articles came of them.';
comment on column source_health.unread is 'How many of its pages no article can be read from: no body, a page of links ... (failures).';
comment on column source_health.undated is 'How many of its articles have no day of publication.';
comment on column source_health.list_rows is 'Rows of the first page of its list when it was read last; null if it did not come.';
comment on column source_health.last_new is 'Day in China on which it last gave a new article; null if never.';
comment on column source_health.quiet_days is 'Days from last_new to the last request to any source; null if it never gave an article.';
comment on column source_health.last_fetched is 'Instant of the last request, UTC; null if never asked.';
comment on column source_health.status_200 is 'Answers with HTTP 200 to requests for lists, pages and documents.';
comment on column source_health.status_304 is 'Answers with HTTP 304: unchanged.';
comment on column source_health.status_404 is 'Answers with HTTP 404 or 410, but for the one that ends a list.';
comment on column source_health.status_4xx is 'Answers with another HTTP status from 400 to 499.';
comment on column source_health.status_5xx is 'Answers with an HTTP status from 500 to 599.';
comment on column source_health.status_other is 'Answers with another HTTP status below 400.';
comment on column source_health.no_answer is 'Requests without an answer: refused by robots.txt, not reached, broken off.';
comment on column source_health.last_challenge is 'Instant of its last test for robots, UTC: its host is left alone for a day; null if none.';
comment on column source_health.problems is 'How many requests went wrong.';
comment on column source_health.last_problem is 'Kind of the last of them; null if none.';
