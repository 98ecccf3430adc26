-- How many talents do districts count, latest first?
select
    in_district as district, district_name, counted, value, value_max, qualifier, cumulative,
    coalesce(published, first_seen) as day, grade, url, quote
from cited_figures
where role = 'talent'
    and repeats is null
    and ($district::varchar is null or lies_in(in_district, $district::varchar))
order by day desc, value desc, fact_id
