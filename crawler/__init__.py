"""Where articles come from: sites, feeds and files."""

from crawler.article import Article, Attachment, article_id

__all__ = ["Article", "Attachment", "article_id"]
