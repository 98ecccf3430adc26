-- Which facts did people confirm, correct or strike out?
select c.article_id, a.title, c.kind, c.quote, c.verdict, c.fields, c.reviewer, c.decided, a.url
from corrections c
left join articles a on a.id = c.article_id
where $article::varchar is null or c.article_id = $article::varchar
order by c.decided desc, c.article_id, c.kind, c."start"
