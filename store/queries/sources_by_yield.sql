-- Which sources give articles and facts, and which give none?
with given as (
    select distinct f.source_id, a.id as article_id
    from fetches f
    join pages_read p on p.url = f.final_url
    join articles a on a.id = p.article_id
    where f.kind = 'article'
),
yielded as (
    select g.source_id, count(*) as figures, count(*) filter (f.role = 'support') as measures
    from given g
    join figures f on f.article_id = g.article_id
    group by g.source_id
)
select
    h.id, h.name, h.district, h.enabled, h.pages, h.articles,
    coalesce(y.figures, 0) as figures, coalesce(y.measures, 0) as measures,
    h.last_new, h.problems, h.last_problem
from source_health h
left join yielded y on y.source_id = h.id
where $district::varchar is null or lies_in(h.district, $district::varchar)
order by figures desc, articles desc, h.id
