-- Where do articles of different stories give different amounts for one measure of a policy?
select
    in_district as district, district_name, policy, tier, benefit, unit, per,
    list(distinct coalesce(value_max, value) order by coalesce(value_max, value)) as amounts,
    count(distinct story) as stories, list(distinct quote order by quote) as quotes,
    list(distinct url order by url) as urls
from cited_figures
where role = 'support'
    and repeats is null
    and policy is not null
    and benefit is not null
    and tier is not null
    and ($district::varchar is null or lies_in(in_district, $district::varchar))
group by in_district, district_name, policy, tier, benefit, unit, per
having len(amounts) > 1 and stories > 1
order by in_district nulls last, policy, benefit, tier
