-- Where do articles of different stories give different amounts for one measure of a policy?
select
    m.district, m.district_name, m.policy, m.tier, m.benefit, m.unit, m.per,
    list(distinct coalesce(m.amount_max, m.amount) order by coalesce(m.amount_max, m.amount))
        as amounts,
    count(distinct coalesce(s.story_id, m.article_id)) as stories,
    list(distinct m.quote order by m.quote) as quotes,
    list(distinct m.url order by m.url) as urls
from measures m
left join story_articles s on s.article_id = m.article_id
where m.policy is not null
    and m.benefit is not null
    and m.tier is not null
    and ($district::varchar is null or lies_in(m.district, $district::varchar))
group by m.district, m.district_name, m.policy, m.tier, m.benefit, m.unit, m.per
having len(amounts) > 1 and stories > 1
order by m.district nulls last, m.policy, m.benefit, m.tier
