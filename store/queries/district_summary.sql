-- What is known of each district: articles, policies, measures, highest support?
select *
from district_summary
where $district::varchar is null or lies_in(district, $district::varchar)
order by district
