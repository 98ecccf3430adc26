-- Which figures count a thing, such as 人才 or 项目?
select
    in_district as district, district_name, counted, role, value, value_max, unit, qualifier, per,
    cumulative, policy, grade, published, url, quote
from cited_figures
where repeats is null
    and ($noun::varchar is null or contains(counted, $noun::varchar))
    and ($district::varchar is null or lies_in(in_district, $district::varchar))
order by unit, value desc, fact_id
