-- Which funds and budgets are there, by size?
select
    in_district as district, district_name, counted, policy, value as amount,
    value_max as amount_max, unit, qualifier, cumulative, grade, published, url, quote
from cited_figures
where role = 'fund'
    and repeats is null
    and ($district::varchar is null or lies_in(in_district, $district::varchar))
order by unit, coalesce(value_max, value) desc, fact_id
