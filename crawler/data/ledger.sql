-- The ledger: what was asked for and when, and what came of it. Read by crawler/ledger.py.
create table fetches (
    id integer primary key,       -- in the order of arrival
    url text not null,            -- address that was asked for
    final_url text not null,      -- canonical address that answered, after redirects
    host text not null,           -- host that was asked
    source_id text not null,
    kind text not null,           -- list, article, part, attachment or robots
    fetched text not null,        -- UTC instant, ISO 8601
    status integer,               -- HTTP status; null without an answer
    etag text, last_modified text,
    sha256 text,                  -- of the unpacked body; after 304 of the body known before
    warc_file text, warc_offset integer,
    items integer,                -- of a list: rows that it gave
    problem text, detail text     -- null if all went well
);
create index fetches_by_url on fetches (url, id);
create index fetches_by_page on fetches (final_url, sha256)
    where kind in ('article', 'part', 'attachment');
create index fetches_by_place on fetches (warc_file, warc_offset) where warc_file is not null;
create index fetches_by_host on fetches (host, id) where problem = 'challenged';
create table listings (           -- rows of lists: what articles a source has named
    id integer primary key,
    source_id text not null,
    url text not null,
    title text,
    day text,                     -- ISO date
    walk integer not null,        -- number of the walk that saw it first
    unique (source_id, url)
);
create index listings_by_url on listings (url, source_id);
create table attachments (        -- documents that articles link to
    id integer primary key,
    source_id text not null,
    page_url text not null,       -- canonical address of the page
    url text not null,
    name text not null,           -- printed on the link
    unique (page_url, url)
);
create index attachments_by_url on attachments (url, page_url);
create table parts (              -- further pages of articles that are printed on several
    id integer primary key,
    source_id text not null,
    page_url text not null,       -- canonical address of the first page
    number integer not null,      -- 2 of the second page
    url text not null,
    unique (page_url, number)
);
create index parts_by_url on parts (url, page_url);
create table rests (              -- hosts that have asked to be left alone (Retry-After)
    host text primary key,        -- host:port
    since text not null,          -- UTC instants, ISO 8601
    until text not null
);
create table walks (              -- how far the lists of a source were read
    source_id text primary key,
    number integer not null,      -- walks begun
    rule text not null,           -- how the lists were read: another rule reads them anew
    done integer not null         -- 1: the last walk got to its end
);
