"""Crawling at scale: shards of hosts on the workers of an engine, one committer.

planning (which hosts make a shard, and which may be asked at the same time), working (one shard in
one worker), parts (the Parquet that comes of it), committing (into ledger and store), driving (the
crawl as a whole).
"""
