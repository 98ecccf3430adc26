-- How did an indicator, such as 高层次人才, develop in a district over time?
select
    coalesce(published, first_seen) as day, in_district as district, district_name, counted, value,
    value_max, unit, qualifier, cumulative, grade, url, quote
from cited_figures
where repeats is null
    and counted is not null
    and ($noun::varchar is null or contains(counted, $noun::varchar))
    and ($district::varchar is null or lies_in(in_district, $district::varchar))
    and ($unit::varchar is null or unit = $unit::varchar)
order by in_district nulls last, unit, counted, day, fact_id
